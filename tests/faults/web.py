"""Asking a web process."""

from __future__ import annotations

import http.client
import urllib.request
from urllib.error import HTTPError, URLError

from tests.ports import free_port

__all__ = ["free_port", "status_of"]


def status_of(url: str, body: bytes | None = None) -> int:
    """The answer's status, 0 when the connection broke."""
    request = urllib.request.Request(url, data=body, method="PUT" if body else "GET")
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return int(response.status)
    except HTTPError as answer:
        with answer:
            return answer.code
    except (URLError, http.client.HTTPException, OSError):
        return 0
