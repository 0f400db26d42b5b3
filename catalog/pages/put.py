"""What a folder's upload target leads to; S3 answers for its own. Streamed to disk, within bounds, and once only."""

from __future__ import annotations

from typing import IO, Any, cast

from django.core.files.storage import storages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from catalog.images.permitted import PERMISSION
from monitoring.audit import permit
from storage.filesystem import RangedFileStorage
from storage.folder_upload import TargetOver, awaited
from storage.port import StorageFault, StorageRefused

OVER = "The time for this upload is over. Choose the file again."
OTHER = "This address is for another upload."


class _Not(Exception):
    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def put_into_folder(request: HttpRequest, admin: Any, token: str) -> HttpResponse:
    if request.method != "PUT":
        return HttpResponseNotAllowed(["PUT"])
    permit(request.user, PERMISSION, action="upload image", subject="product")
    try:
        storage, key, size = _checked(request, token)
        storage.put_once(key, cast(IO[bytes], request), size)
    except _Not as no:
        return _said(str(no), no.status)
    except StorageFault as fault:
        return _said(str(fault), 409 if isinstance(fault, StorageRefused) else 503)
    return HttpResponse(status=201)


def _checked(request: HttpRequest, token: str) -> tuple[RangedFileStorage, str, int]:
    storage = storages["default"]
    try:
        key, content_type, max_bytes = awaited(token)
    except TargetOver:
        raise _Not(410, OVER) from None
    if not isinstance(storage, RangedFileStorage) or request.content_type != content_type:
        raise _Not(403, OTHER)
    told = request.headers.get("Content-Length", "")
    size = int(told) if told.isdecimal() and len(told) < 19 else 0
    if not 0 < size <= max_bytes:
        raise _Not(413, f"{size:,} bytes: from 1 to {max_bytes:,} are taken here.")
    return storage, key, size


def _said(sentence: str, status: int) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
