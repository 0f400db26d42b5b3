"""The audit log's one writer: what a person did, or was refused."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from monitoring import telemetry
from monitoring.context import carried
from monitoring.history.context import acting
from monitoring.models import AuditEntry

INSERT = """
    INSERT INTO monitoring_auditentry
        (actor_id, action, subject, subject_id, allowed, reason, details, request_id, trace_id, at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, now())"""
COLUMNS = ("actor_id", "action", "subject", "subject_id", "allowed", "reason")


def record(
    actor: User | AnonymousUser | None,
    action: str,
    subject: str,
    subject_id: object = "",
    *,
    allowed: bool = True,
    reason: str = "",
    **details: Any,
) -> AuditEntry:
    """One entry, in the caller's transaction: what is rolled back was not done. No actor: the system did it."""
    entry = _entry(actor, action, subject, subject_id, allowed=allowed, reason=reason, details=details)
    entry.save(force_insert=True)
    if actor is not None:
        transaction.on_commit(partial(_tell, action, failed=not allowed), robust=True)
    return entry


def permit(
    actor: User | AnonymousUser | None,
    permission: str,
    *,
    action: str,
    subject: str,
    subject_id: object = "",
    reason: str = "",
    **details: Any,
) -> User:
    """The actor, if they may; PermissionDenied otherwise, and an entry that outlives the caller's rollback."""
    if isinstance(actor, User) and actor.has_perm(permission):
        acting(actor.pk, action)
        return actor
    entry = _entry(actor, action, subject, subject_id, allowed=False, reason=reason, details=details)
    entry.details |= {"missing": permission}
    _save_apart(entry)
    _tell(action, failed=True)
    telemetry.event("refused", action=action, subject=subject, missing=permission, by=entry.actor_id)
    raise PermissionDenied(f"This needs the permission {permission}.")


def _tell(action: str, *, failed: bool) -> None:
    """For the figures; the entries themselves are the exact account."""
    telemetry.count("admin.actions", failed=int(failed), action=action)


def _entry(
    actor: User | AnonymousUser | None,
    action: str,
    subject: str,
    subject_id: object,
    *,
    allowed: bool,
    reason: str,
    details: dict[str, Any],
) -> AuditEntry:
    ids = carried()
    return AuditEntry(
        actor_id=actor.pk if isinstance(actor, User) else None,
        action=action,
        subject=subject,
        subject_id=str(subject_id),
        allowed=allowed,
        reason=reason,
        details=details,
        request_id=ids.get("request_id", ""),
        trace_id=ids.get("trace_id", ""),
    )


def _save_apart(entry: AuditEntry) -> None:
    """By a connection of its own when a transaction is open: PermissionDenied will roll that one back."""
    if not connection.in_atomic_block:
        entry.save(force_insert=True)
        return
    apart = connection.copy()
    try:
        with apart.cursor() as cursor:
            values = [getattr(entry, name) for name in COLUMNS]
            cursor.execute(INSERT, [*values, json.dumps(entry.details), entry.request_id, entry.trace_id])
    finally:
        apart.close()
