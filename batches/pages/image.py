"""An image for a page: a signed link that shows it for a while, or a sentence that says why there is none.

A page takes `**picture_of(request, image_id)` into its context and includes `nightshelf/files/picture.html`. With
`picture_origin` there, its policy lets the bucket's images in (`MachineWritten.rendered`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from batches.models import ImageUpload
from batches.moves.state import migration_state
from batches.states import UploadStatus
from storage import is_within_reach, result_storage
from storage.port import StorageFault

PERMISSION = "batches.view_imageupload"
# Only what browsers show as a picture and nothing else: an SVG or a page would be run as ours.
TYPES = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".gif": "image/gif",
    ".avif": "image/avif", ".heic": "image/heic", ".heif": "image/heif",
}  # fmt: skip
AT_TARGET = (UploadStatus.COPIED, UploadStatus.MOVED, UploadStatus.UNCLEANED)
NOT_SHOWN = "Its name says no kind of picture that is shown here (PNG, JPEG, WebP, GIF, AVIF, HEIC)."


@dataclass(frozen=True)
class Picture:
    """`link` shows it for IMAGE_LINK_SECONDS; `opens` makes a fresh link whenever it is followed."""

    upload: ImageUpload
    link: str = ""
    why_not: str = ""

    @property
    def opens(self) -> str:
        return reverse("admin:batches_imageupload_open", args=[self.upload.pk])

    @property
    def migration(self) -> str:
        return migration_state(self.upload)

    @property
    def origin(self) -> str:
        """Of the link, when it leads away from this site."""
        parts = urlsplit(self.link)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def picture_of(request: HttpRequest, image_id: str) -> dict[str, Any]:
    """For a page's context: `picture`, None when no upload of that image is known, and `picture_origin`."""
    upload = ImageUpload.objects.filter(image_id=image_id).first() if image_id else None
    return picture_of_upload(request, upload)


def picture_of_upload(request: HttpRequest, upload: ImageUpload | None) -> dict[str, Any]:
    picture = shown(request, upload) if upload else None
    return {"picture": picture, "picture_origin": picture.origin if picture else ""}


def shown(request: HttpRequest, upload: ImageUpload) -> Picture:
    """Never asks storage: whether the object is there, the browser finds out."""
    key = upload.moved_key if upload.status in AT_TARGET else upload.key
    kind = TYPES.get(PurePosixPath(key).suffix.lower(), "")
    if why_not := _why_not(request, upload, kind):
        return Picture(upload, why_not=why_not)
    try:
        return Picture(upload, result_storage(upload.bucket).link(key, kind, settings.IMAGE_LINK_SECONDS))
    except StorageFault as fault:
        return Picture(upload, why_not=str(fault))


def _why_not(request: HttpRequest, upload: ImageUpload, kind: str) -> str:
    if not request.user.has_perm(PERMISSION):
        return "You may not see images: ask for the permission to view receipt images."
    if upload.status in AT_TARGET and _expired(upload):
        return f"It expired: images are kept {settings.PROCESSED_DAYS} days after their move."
    if upload.status == UploadStatus.FAILED and upload.code == "image_missing":
        return "It is not in storage."
    if not kind:
        return NOT_SHOWN
    if not is_within_reach(upload.bucket):
        return f"It lies in {upload.bucket}, which is not where this site keeps its files."
    return ""


def _expired(upload: ImageUpload) -> bool:
    days = timedelta(days=settings.PROCESSED_DAYS)
    return upload.moved_at is not None and timezone.now() - upload.moved_at > days
