"""What a person can do about a move that went wrong: have it tried again, or have a source that was left cleaned up."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from batches.models import ImageUpload
from batches.moves.wake import wake_movers
from batches.states import UploadStatus
from monitoring import telemetry
from monitoring.audit import permit, record

PERMISSION = "batches.change_imageupload"
MOST_AT_ONCE = 10_000


class Refused(Exception):
    """What is wrong with what was asked, and what to do."""


class Verb(NamedTuple):
    """From which state to which. `done` ends the sentence "3 images …"."""

    name: str
    source: UploadStatus
    target: UploadStatus
    done: str


AGAIN = Verb("move again", UploadStatus.FAILED, UploadStatus.DUE, "will be moved again")
# The mover makes sure that the copy is there before it deletes, and copies again what has gone.
CLEAN = Verb("clean up", UploadStatus.UNCLEANED, UploadStatus.COPIED, "will be cleaned up")
VERBS = {"again": AGAIN, "clean": CLEAN}


class Decided(NamedTuple):
    """`left` were not in the state that the verb is for, or not any more."""

    changed: int
    left: int


def decide(ids: Iterable[int], verb: Verb, reason: str, *, by: User | AnonymousUser) -> Decided:
    """PermissionDenied for whoever may not; Refused without a reason, or for too many. Done twice, it is done once."""
    wanted, reason = set(ids), reason.strip()
    actor = permit(by, PERMISSION, action=verb.name, subject="image", reason=reason, images=len(wanted))
    if not reason:
        raise Refused("Say why: the reason is kept in the image's history.")
    if len(wanted) > MOST_AT_ONCE:
        raise Refused(f"At most {MOST_AT_ONCE:,} images at once: narrow them down by a filter.")
    with transaction.atomic():
        changed = return_to(wanted, verb)
        LogEntry.objects.log_actions(actor.pk, changed, CHANGE, change_message=f"{verb.name.capitalize()}: {reason}")
        record(actor, verb.name, "image", reason=reason, images=[row.pk for row in changed])
        transaction.on_commit(wake_movers)
    telemetry.event("image_moves_decided", verb=verb.name, changed=len(changed), by=actor.pk)
    return Decided(len(changed), len(wanted) - len(changed))


def return_to(pks: Collection[int], verb: Verb) -> list[ImageUpload]:
    """Those that were in the state the verb is for, now in its target's. In the caller's transaction."""
    # Locked in the order of their keys: two that meet wait, and never for each other.
    rows = list(
        ImageUpload.objects.select_for_update(of=("self",)).filter(pk__in=pks, status=verb.source).order_by("pk")
    )
    ImageUpload.objects.filter(pk__in=[row.pk for row in rows], status=verb.source).update(
        status=verb.target, claims=0, lease=None, leased_until=None, letter_key=""
    )
    return rows
