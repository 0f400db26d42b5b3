"""A patch rule for a group: written once, never altered; a correction is the next version."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models import Max

from batches.letters.patch import checked
from batches.letters.refused import Refused
from batches.models import LetterGroup, PatchRule
from monitoring import audit
from pages.reason import checked_reason

PERMISSION = "batches.edit_deadletter"


def write_rule(group: str, operations: object, *, why: str, actor: User | AnonymousUser | None) -> PatchRule:
    """The group's next version: `operations` as in `batches.letters.patch`. `group` is its fingerprint.

    The same operations as the newest version's are that version: a form sent twice makes one. PermissionDenied;
    BadRule with a sentence for each fault of the operations; NoReason; Refused for an unknown group.
    """
    by = audit.permit(actor, PERMISSION, action="write_rule", subject="group", subject_id=group, reason=why)
    why, wanted = checked_reason(why), checked(operations)
    with transaction.atomic():
        # Held, so that two who write at once get versions one after the other.
        if not LetterGroup.objects.select_for_update(no_key=True).filter(pk=group).exists():
            raise Refused(f"There is no group {group}.")
        newest = PatchRule.objects.filter(group=group).first()
        if newest is not None and newest.operations == wanted:
            return newest
        return _written(by, wanted, why, {"group_id": group})


def next_version(subject: dict[str, Any]) -> int:
    return int(PatchRule.objects.filter(**subject).aggregate(last=Max("version"))["last"] or 0) + 1


def _written(by: User, operations: list[dict[str, Any]], why: str, subject: dict[str, Any]) -> PatchRule:
    rule = PatchRule.objects.create(
        **subject, version=next_version(subject), operations=operations, why=why, created_by=by
    )
    audit.record(by, "write_rule", "rule", rule.pk, reason=why, operations=operations, **subject)
    return rule
