"""Links to what lies in the folder: signed, for a while, and answered by the site itself (`admin/image_upload`)."""

from __future__ import annotations

import time
from typing import NamedTuple

from django.core import signing
from django.urls import reverse

SALT = "nightshelf.folder-link"


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
