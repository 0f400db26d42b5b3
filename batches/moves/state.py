"""A transaction's migration state (Y9), which is its image's: kept there once, and found by the image's id."""

from __future__ import annotations

from batches.models import ImageUpload
from batches.states import UploadStatus

NAMES = {
    UploadStatus.UPLOADED: "",
    UploadStatus.DUE: "migrationPending",
    UploadStatus.COPIED: "migrationPending",
    UploadStatus.MOVED: "migrated",
    UploadStatus.UNCLEANED: "migrated",
    UploadStatus.FAILED: "migrationFailed",
}


def migration_state(upload: ImageUpload | None) -> str:
    """By the documents' names; '' when there is no image, or its file is not finished."""
    return NAMES[UploadStatus(upload.status)] if upload else ""
