"""Who may bring products in, and who may take them out."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User

from catalog.models import TransferKind
from monitoring import audit

# An import adds as well as changes; an export shows what the list shows.
NEEDED = {
    TransferKind.IMPORT: ("catalog.add_product", "catalog.change_product"),
    TransferKind.EXPORT: ("catalog.view_product",),
}


def permit(actor: User | AnonymousUser | None, kind: str, *, action: str, transfer: object = "") -> User:
    """The actor, if they may; PermissionDenied otherwise, and recorded."""
    for permission in NEEDED[TransferKind(kind)]:
        user = audit.permit(actor, permission, action=action, subject="transfer", subject_id=transfer)
    return user


def may(actor: User | AnonymousUser, kind: str) -> bool:
    """For buttons: a page shows none that would be refused."""
    return actor.has_perms(NEEDED[TransferKind(kind)])
