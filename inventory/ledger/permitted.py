"""Who may do what to stock."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User

from monitoring import audit


def permitted(actor: User | AnonymousUser | None, permission: str, *, action: str, reason: str = "") -> User | None:
    """The actor, if they may; PermissionDenied and an entry of the audit log otherwise. None is the system: a task or a
    batch, which nobody is signed in for. (A page's visitor is never None.)
    """
    if actor is None:
        return None
    return audit.permit(actor, f"inventory.{permission}", action=action, subject="stock", reason=reason)
