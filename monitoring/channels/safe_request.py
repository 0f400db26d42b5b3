"""One HTTP request to an address that a person has typed in: to a public host, by HTTPS, bounded in time and size.

The name is resolved once, its addresses are checked, and the connection is made to the very address that was checked:
a name server that answers differently the second time is not asked. Redirects are not followed, they could lead back
inside. Plain HTTP only goes to what `NOTIFY_PRIVATE_ADDRESSES` names.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from monitoring.channels.outcome import NotTaken, Unsure
from monitoring.channels.public_address import Refused, checked_addresses, names_private

CONNECT_SECONDS = 5.0
WHOLE_SECONDS = 15.0
MOST_BYTES = 64 * 1024
AGENT = "Nightshelf"


class Answer(NamedTuple):
    """`body`: its beginning, at most MOST_BYTES; `headers` by their names in small letters."""

    status: int
    body: str
    headers: Mapping[str, str]

    @property
    def taken(self) -> bool:
        return 200 <= self.status < 300


def safe_request(
    url: str,
    *,
    method: str = "POST",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    seconds: float = WHOLE_SECONDS,
) -> Answer:
    """Whatever the status, a redirect's too, is an answer. Raises, and no message repeats the path or the query:

    `Refused` when it may not go there, `NotTaken` when it never left, `Unsure` when it left and nothing came back.
    """
    parts = checked_url(url)
    deadline = time.monotonic() + seconds
    with _connected(parts, deadline) as sock, _ended_at(deadline, sock) as late:
        _shake_hands(parts, sock)
        connection = HTTPConnection(parts.hostname or "", parts.port or _usual_port(parts))
        connection.default_port = _usual_port(parts)
        connection.sock = sock  # the name is only for the Host header
        try:
            connection.request(method, _target(parts), body or None, {"User-Agent": AGENT, **(headers or {})})
            return _answer(connection.getresponse())
        except (OSError, HTTPException) as fault:
            over = late.is_set() or time.monotonic() >= deadline  # the socket's own limit may be there first
            what = f"no answer within {seconds:g} s" if over else _told(fault)
            raise Unsure(f"{parts.hostname} was sent it, and did not answer: {what}") from None


def checked_url(url: str) -> SplitResult:
    """An address that could be asked; whether it may be is only known when its name is resolved."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("That is not an address such as https://example.com/path.") from None
    if parts.scheme not in {"https", "http"} or not parts.hostname or port == 0:
        raise Refused("That is not an address such as https://example.com/path.")
    if parts.username or parts.password:
        raise Refused("The address holds a user's name or password: leave them out.")
    if any(ord(letter) <= 32 or ord(letter) > 126 for letter in url):
        raise Refused("The address holds a space or a letter that has to be written as %…")
    return parts


@contextmanager
def _connected(parts: SplitResult, deadline: float) -> Iterator[socket.socket]:
    host = parts.hostname or ""
    port = parts.port or _usual_port(parts)
    addresses = checked_addresses(host, port)
    if parts.scheme == "http" and not all(names_private(host, ip_address(address)) for address in addresses):
        raise Refused("Plain http:// only goes to what NOTIFY_PRIVATE_ADDRESSES names: use https://.")
    sock = _reached(host, addresses, port, deadline)
    try:
        if parts.scheme == "https":
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
        sock.settimeout(_left(deadline))
        yield sock
    finally:
        sock.close()


def _reached(host: str, addresses: list[str], port: int, deadline: float) -> socket.socket:
    """By the first address that answers."""
    why = ""
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=min(CONNECT_SECONDS, _left(deadline)))
        except OSError as fault:
            why = _told(fault)
    raise NotTaken(f"{host} could not be reached: {why}")


def _shake_hands(parts: SplitResult, sock: socket.socket) -> None:
    """Nothing of the request has left while this fails."""
    if isinstance(sock, ssl.SSLSocket):
        try:
            sock.do_handshake()
        except (OSError, ValueError) as fault:
            raise NotTaken(f"{parts.hostname} could not be reached by HTTPS: {_told(fault)}") from None


@contextmanager
def _ended_at(deadline: float, sock: socket.socket) -> Iterator[threading.Event]:
    """A server that sends a byte now and then is cut off too, which no time limit of a socket does."""
    late = threading.Event()

    def end() -> None:
        late.set()
        with suppress(OSError):  # it has ended by itself
            socket.socket.shutdown(sock, socket.SHUT_RDWR)

    timer = threading.Timer(_left(deadline), end)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def _answer(response: HTTPResponse) -> Answer:
    """The status is what counts: a body that breaks off does not undo it."""
    try:
        body = response.read(MOST_BYTES)
    except (OSError, HTTPException):
        body = b""
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, body.decode("utf-8", "replace"), headers)


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _usual_port(parts: SplitResult) -> int:
    return 443 if parts.scheme == "https" else 80


def _left(deadline: float) -> float:
    return max(0.1, deadline - time.monotonic())


def _told(fault: Exception) -> str:
    return str(fault) or type(fault).__name__
