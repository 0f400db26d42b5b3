"""Asking a web process."""

from __future__ import annotations

import http.client
import urllib.request
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError, URLError

from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.ports import free_port

__all__ = ["Visitor", "free_port", "status_of"]


def status_of(url: str, body: bytes | None = None) -> int:
    """The answer's status, 0 when the connection broke."""
    request = urllib.request.Request(url, data=body, method="PUT" if body else "GET")
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
            return int(response.status)
    except HTTPError as answer:
        with answer:
            return answer.code
    except (URLError, http.client.HTTPException, OSError):
        return 0


class Visitor:
    """A person at the admin, signed in."""

    def __init__(self, address: str, name: str, password: str) -> None:
        self.address = address
        self._cookies = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))
        self.get("/admin/login/")
        assert "Log out" in self.post("/admin/login/?next=/admin/", {"username": name, "password": password})

    def get(self, path: str) -> str:
        """The page, behind its redirects; HTTPError when it is none."""
        return self._ask(urllib.request.Request(self.address + path))

    def post(self, path: str, fields: dict[str, Any]) -> str:
        token = next(cookie.value for cookie in self._cookies if cookie.name == "csrftoken")
        headers = {"Content-Type": MULTIPART_CONTENT, "X-CSRFToken": str(token)}
        body = encode_multipart(BOUNDARY, fields)
        return self._ask(urllib.request.Request(self.address + path, data=body, headers=headers))

    def _ask(self, request: urllib.request.Request) -> str:
        with self._opener.open(request, timeout=120) as response:
            return str(response.read().decode())
