"""Every state machine of the batches: the states, and the transitions that are allowed.

A transition is made by a conditional UPDATE whose WHERE is `before(state)`; nothing else writes a status.
"""

from __future__ import annotations

from django.db.models import TextChoices


class JobStatus(TextChoices):
    WAITING = "waiting", "Waiting for results"
    RUNNING = "running", "Running"
    FINISHED = "finished", "Finished"
    WITH_LETTERS = "with_letters", "Finished with dead letters"
    FAILED = "failed", "Failed"


class FileStatus(TextChoices):
    READING = "reading", "Reading"
    FINISHED = "finished", "Finished"
    FAILED = "failed", "Failed"


class ChunkStatus(TextChoices):
    PENDING = "pending", "Pending"
    LEASED = "leased", "Leased"
    DONE = "done", "Done"
    POISONED = "poisoned", "Poisoned"
    BISECTED = "bisected", "Bisected"
    ABANDONED = "abandoned", "Abandoned"


class LetterStatus(TextChoices):
    OPEN = "open", "Open"
    RESOLVED = "resolved", "Resolved"
    REPLACED = "replaced", "Failed again"
    DISCARDED = "discarded", "Discarded"


class LetterKind(TextChoices):
    LINE = "line", "Line"
    FILE = "file", "File"
    EVENT = "event", "Event"
    POISON = "poison", "Poison"
    CONFLICT = "conflict", "Conflict"
    IMAGE = "image", "Image"


class GroupStatus(TextChoices):
    OPEN = "open", "Open"
    RESOLVED = "resolved", "Resolved"
    MUTED = "muted", "Muted"


class RedriveStatus(TextChoices):
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    STOPPED = "stopped", "Stopped by itself"
    FINISHED = "finished", "Finished"
    CANCELLED = "cancelled", "Cancelled"


class ItemStatus(TextChoices):
    WAITING = "waiting", "Waiting"
    PUT_RIGHT = "put_right", "Put right"
    FAILED = "failed", "Failed again"
    SKIPPED = "skipped", "Skipped"
    CANCELLED = "cancelled", "Cancelled"


class ReviewState(TextChoices):
    UNREVIEWED = "unreviewed", "Unreviewed"
    CONFIRMED = "confirmed", "Confirmed"
    REJECTED = "rejected", "Rejected"


class UploadStatus(TextChoices):
    UPLOADED = "uploaded", "Uploaded"
    DUE = "due", "To be moved"
    COPIED = "copied", "Copied"
    MOVED = "moved", "Moved"
    UNCLEANED = "uncleaned", "Source left"
    FAILED = "failed", "Move failed"


class ProposalState(TextChoices):
    WAITING = "waiting", "Waiting"
    PARTLY = "partly", "Partly decided"
    DECIDED = "decided", "Decided"


class FieldStatus(TextChoices):
    WAITING = "waiting", "Waiting"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"


class AcceptanceStatus(TextChoices):
    RUNNING = "running", "Running"
    FINISHED = "finished", "Finished"


class AcceptedStatus(TextChoices):
    """Of one proposal in an acceptance."""

    WAITING = "waiting", "Waiting"
    ACCEPTED = "accepted", "Accepted"
    REFUSED = "refused", "Refused"


# One table for each machine: members of different enumerations that are written alike ("finished", "failed") are equal,
# and in one table the last would silently replace the others.
TRANSITIONS: dict[type[TextChoices], dict[TextChoices, tuple[TextChoices, ...]]] = {
    JobStatus: {
        JobStatus.WAITING: (JobStatus.RUNNING,),
        JobStatus.RUNNING: (JobStatus.FINISHED, JobStatus.WITH_LETTERS, JobStatus.FAILED),
        # A job runs again when a further result file lands for it.
        JobStatus.FINISHED: (JobStatus.RUNNING, JobStatus.WITH_LETTERS),  # a discarded letter was restored
        JobStatus.WITH_LETTERS: (JobStatus.RUNNING, JobStatus.FINISHED),  # its last open letter was closed
        JobStatus.FAILED: (JobStatus.RUNNING,),
    },
    FileStatus: {
        FileStatus.READING: (FileStatus.FINISHED, FileStatus.FAILED),
        FileStatus.FINISHED: (FileStatus.READING,),  # a poisoned chunk is bisected: its halves are read
        FileStatus.FAILED: (),
    },
    ChunkStatus: {
        ChunkStatus.PENDING: (ChunkStatus.LEASED, ChunkStatus.ABANDONED),
        ChunkStatus.LEASED: (
            ChunkStatus.LEASED,  # taken over after missed heartbeats, under the next lease number
            ChunkStatus.DONE,
            ChunkStatus.PENDING,  # handed back: a fault that may pass
            ChunkStatus.POISONED,
            ChunkStatus.ABANDONED,
        ),
        ChunkStatus.DONE: (),
        ChunkStatus.POISONED: (ChunkStatus.BISECTED,),  # two pending chunks have taken its place
        ChunkStatus.BISECTED: (),
        ChunkStatus.ABANDONED: (),
    },
    LetterStatus: {
        LetterStatus.OPEN: (LetterStatus.RESOLVED, LetterStatus.REPLACED, LetterStatus.DISCARDED),
        LetterStatus.RESOLVED: (),
        LetterStatus.REPLACED: (),  # tried again, and a new letter has taken its place
        LetterStatus.DISCARDED: (LetterStatus.OPEN,),
    },
    GroupStatus: {
        GroupStatus.OPEN: (GroupStatus.RESOLVED, GroupStatus.MUTED),
        GroupStatus.RESOLVED: (GroupStatus.OPEN, GroupStatus.MUTED),  # open again by itself when a letter returns
        GroupStatus.MUTED: (GroupStatus.OPEN, GroupStatus.RESOLVED),
    },
    RedriveStatus: {
        RedriveStatus.RUNNING: (
            RedriveStatus.PAUSED,
            RedriveStatus.STOPPED,  # a ramp's step failed with the same fingerprint
            RedriveStatus.FINISHED,
            RedriveStatus.CANCELLED,
        ),
        RedriveStatus.PAUSED: (RedriveStatus.RUNNING, RedriveStatus.CANCELLED),
        RedriveStatus.STOPPED: (RedriveStatus.RUNNING, RedriveStatus.CANCELLED),
        RedriveStatus.FINISHED: (),
        RedriveStatus.CANCELLED: (),
    },
    ItemStatus: {
        ItemStatus.WAITING: (ItemStatus.PUT_RIGHT, ItemStatus.FAILED, ItemStatus.SKIPPED, ItemStatus.CANCELLED),
        ItemStatus.PUT_RIGHT: (),
        ItemStatus.FAILED: (),
        ItemStatus.SKIPPED: (),  # somebody else had put the letter right, or discarded it
        ItemStatus.CANCELLED: (),
    },
    ReviewState: {
        ReviewState.UNREVIEWED: (ReviewState.CONFIRMED, ReviewState.REJECTED),
        ReviewState.CONFIRMED: (ReviewState.REJECTED, ReviewState.UNREVIEWED),
        ReviewState.REJECTED: (ReviewState.CONFIRMED, ReviewState.UNREVIEWED),
    },
    ProposalState: {
        ProposalState.WAITING: (ProposalState.PARTLY, ProposalState.DECIDED),
        ProposalState.PARTLY: (ProposalState.DECIDED,),
        ProposalState.DECIDED: (),
    },
    FieldStatus: {
        FieldStatus.WAITING: (FieldStatus.ACCEPTED, FieldStatus.REJECTED),
        FieldStatus.ACCEPTED: (),
        FieldStatus.REJECTED: (FieldStatus.ACCEPTED,),  # a person has thought better of it
    },
    AcceptanceStatus: {
        AcceptanceStatus.RUNNING: (AcceptanceStatus.FINISHED,),
        AcceptanceStatus.FINISHED: (),
    },
    AcceptedStatus: {
        AcceptedStatus.WAITING: (AcceptedStatus.ACCEPTED, AcceptedStatus.REFUSED),
        AcceptedStatus.ACCEPTED: (),
        AcceptedStatus.REFUSED: (),
    },
    UploadStatus: {
        UploadStatus.UPLOADED: (UploadStatus.DUE,),
        UploadStatus.DUE: (UploadStatus.COPIED, UploadStatus.FAILED),
        UploadStatus.COPIED: (
            UploadStatus.COPIED,  # copied again: its copy had gone meanwhile
            UploadStatus.MOVED,
            UploadStatus.UNCLEANED,
        ),
        UploadStatus.MOVED: (),
        UploadStatus.UNCLEANED: (UploadStatus.COPIED,),  # a person has it cleaned: the source is deleted once more
        UploadStatus.FAILED: (UploadStatus.DUE,),  # a person has it moved again
    },
}

OPEN_CHUNKS = (ChunkStatus.PENDING, ChunkStatus.LEASED)
OPEN_MOVES = (UploadStatus.DUE, UploadStatus.COPIED)


def before(state: TextChoices) -> list[TextChoices]:
    """The states from which `state` may be entered."""
    return [source for source, targets in TRANSITIONS[type(state)].items() if state in targets]
