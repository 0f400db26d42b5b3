"""Links to what lies in the folder: signed, for a while, and answered by the site itself (`admin/image_upload`)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from django.core import signing
from django.urls import reverse

SALT = "nightshelf.folder-link"
May = Callable[[Any], bool]
_seers: dict[str, May] = {}


class Linked(NamedTuple):
    key: str
    content_type: str


class LinkOver(Exception):
    """Its time is over, or it was never made here."""


def folder_link(key: str, content_type: str, seconds: int) -> str:
    token = signing.dumps([key, content_type, int(time.time()) + seconds], salt=SALT)
    return reverse("admin:batches_folder_image", args=[token])


def linked(token: str) -> Linked:
    """What a link shows; LinkOver."""
    try:
        key, content_type, until = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise LinkOver from None
    if time.time() > until:
        raise LinkOver
    return Linked(key, content_type)


def show_to(prefix: str, may: May) -> None:
    """Whoever asks `may` of a user says who sees what lies under the prefix: an app says so of its own files."""
    _seers[prefix] = may


def seer_of(key: str, otherwise: May) -> May:
    return next((may for prefix, may in _seers.items() if key.startswith(prefix)), otherwise)
