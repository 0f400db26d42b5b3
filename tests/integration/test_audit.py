"""Whatever a person did, or was refused, is in the audit log."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import transaction

from batches.models import Transaction
from batches.review import review
from batches.states import ReviewState
from monitoring import audit
from monitoring.context import carrying
from monitoring.models import AuditEntry
from tests.builders import ingested, receipts
from tests.integration.pages import person

pytestmark = pytest.mark.django_db(transaction=True)
REDRIVE = "batches.redrive_deadletter"


def asked(actor: Any) -> User:
    return audit.permit(actor, REDRIVE, action="redrive", subject="letter", subject_id=17, reason="a try", letters=3)


def test_who_may_is_let_through_and_nothing_is_written_yet() -> None:
    actor = person("redrive_deadletter")

    assert asked(actor) == actor
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("who", ["a person", "nobody"])
def test_a_refusal_is_recorded(who: str) -> None:
    actor = person("view_deadletter") if who == "a person" else AnonymousUser()

    with carrying(request_id="r-1", trace_id="ab" * 16), pytest.raises(PermissionDenied, match=REDRIVE):
        asked(actor)

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject, entry.subject_id) == ("redrive", "letter", "17")
    assert (entry.allowed, entry.reason, entry.details) == (False, "a try", {"letters": 3, "missing": REDRIVE})
    assert (entry.request_id, entry.trace_id) == ("r-1", "ab" * 16)
    assert entry.actor == (actor if who == "a person" else None)


def test_a_refusal_outlives_the_rollback_it_causes() -> None:
    actor = person("view_deadletter")

    with pytest.raises(PermissionDenied), transaction.atomic():
        asked(actor)

    assert AuditEntry.objects.get().allowed is False


def test_what_was_rolled_back_was_not_done() -> None:
    actor = person("redrive_deadletter")

    with transaction.atomic():
        audit.record(actor, "redrive", "letter", 17)
        transaction.set_rollback(True)

    assert not AuditEntry.objects.exists()


def test_a_review_is_recorded_allowed_or_refused() -> None:
    ingested(receipts([1]))
    pk = Transaction.objects.get().pk
    actor = person("change_transaction")
    review([pk], ReviewState.CONFIRMED, by=actor)
    with pytest.raises(PermissionDenied):
        review([pk], ReviewState.REJECTED, by=person("view_transaction", name="viewer"))

    refused, done = AuditEntry.objects.all()
    assert (done.allowed, done.action, done.subject_id, done.details["state"]) == (True, "review", pk, "confirmed")
    assert (refused.allowed, refused.actor.username, refused.details["state"]) == (False, "viewer", "rejected")  # type: ignore[union-attr]


def test_migrating_makes_ready_groups_from_viewer_to_administrator() -> None:
    call_command("migrate", verbosity=0)

    def may(name: str) -> set[str]:
        user = User.objects.create_user(name, is_staff=True)
        user.groups.add(Group.objects.get(name=name))
        return user.get_all_permissions()

    viewer, operator, administrator = map(may, ("Viewer", "Operator", "Administrator"))

    assert viewer < operator < administrator
    assert "batches.view_deadletter" in viewer
    assert not any("redrive_" in name or "change_" in name for name in viewer)
    assert operator - viewer >= {"batches.redrive_deadletter", "batches.edit_deadletter"}
    assert administrator - operator >= {"batches.discard_deadletter", "monitoring.view_auditentry"}


def test_migrating_again_leaves_a_persons_changes() -> None:
    call_command("migrate", verbosity=0)
    operator, viewer = Group.objects.get(name="Operator"), Group.objects.get(name="Viewer")
    operator.permissions.clear()
    viewer.delete()

    call_command("migrate", verbosity=0)

    assert operator.permissions.count() == 0
    assert Group.objects.get(name="Viewer").permissions.exists()
