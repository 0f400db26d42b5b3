"""Uploads straight to the folder: a signed address for one object, answered by the site (`catalog/pages/put`)."""

from __future__ import annotations

import time
from typing import NamedTuple

from django.core import signing
from django.urls import reverse

from storage.port import Target

SALT = "nightshelf.folder-upload"


class Awaited(NamedTuple):
    key: str
    content_type: str
    max_bytes: int


class TargetOver(Exception):
    """Its time is over, or it was never made here."""


def folder_target(key: str, content_type: str, max_bytes: int, seconds: int) -> Target:
    token = signing.dumps([key, content_type, max_bytes, int(time.time()) + seconds], salt=SALT)
    url = reverse("admin:catalog_folder_upload", args=[token])
    return Target(url, "PUT", {}, {"Content-Type": content_type})


def awaited(token: str) -> Awaited:
    """What may be put there; TargetOver."""
    try:
        key, content_type, max_bytes, until = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise TargetOver from None
    if time.time() > until:
        raise TargetOver
    return Awaited(key, content_type, max_bytes)
