"""Requests to addresses that people typed in: where they may go, and that they end."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from pytest_django import Settings

from monitoring.channels.outcome import NotTaken, Unsure
from monitoring.channels.public_address import Refused, is_allowed
from monitoring.channels.safe_request import MOST_BYTES, safe_request
from tests.integration.channels.servers import receiving
from tests.ports import free_port

PRIVATE = (
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.127.255.255", "100.100.100.200", "192.0.0.8", "192.0.2.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "168.63.129.16", "::", "::1", "::7f00:1", "fe80::1", "fe80::1%1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1",
    "2001:db8::1", "100::1", "64:ff9b:1::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::1", "2002:a9fe:a9fe::1", "2001:0:7f00:1::1",
)  # fmt: skip
PUBLIC = (
    "8.8.8.8",
    "93.184.215.14",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
)


@pytest.fixture
def local(settings: Settings) -> None:
    settings.NOTIFY_PRIVATE_ADDRESSES = ["127.0.0.1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused(address: str) -> None:
    assert not is_allowed("example.com", address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_ones_are_not(address: str) -> None:
    assert is_allowed("example.com", address)


@pytest.mark.parametrize(
    ("named", "host", "address"),
    [
        ("10.0.0.0/8", "hooks.internal", "10.1.2.3"),
        ("10.1.2.3", "hooks.internal", "10.1.2.3"),
        ("Hooks.internal", "hooks.internal", "10.1.2.3"),
        ("fd00::/8", "hooks.internal", "fd12::1"),
        ("127.0.0.0/8", "hooks.internal", "::ffff:127.0.0.1"),
    ],
)
def test_what_the_operator_names_is_allowed_and_nothing_else(
    settings: Settings, named: str, host: str, address: str
) -> None:
    settings.NOTIFY_PRIVATE_ADDRESSES = [named]

    assert is_allowed(host, address)
    assert not is_allowed("other.internal", "192.168.1.1")
    assert not is_allowed(f"x{host}", "169.254.169.254")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{}/", "http://localhost:{}/", "http://[::1]:{}/", "http://2130706433:{}/",
        "http://0x7f000001:{}/", "http://127.1:{}/", "http://[::ffff:127.0.0.1]:{}/", "ftp://example.com/",
        "file:///etc/passwd", "https://", "https://user:word@example.com/", "https://example.com:99999/",
        "https://example.com/a b", "https://example.com/\r\nX: y", "nonsense",
    ],
)  # fmt: skip
def test_nothing_reaches_a_server_by_an_address_that_is_refused(url: str) -> None:
    with receiving() as receiver:
        with pytest.raises(Refused) as refused:
            safe_request(url.format(receiver.server.server_address[1]))
        assert receiver.got == []
        assert not refused.value.retryable


def test_an_answer_is_told_whatever_its_status(local: None) -> None:
    with receiving(lambda _: 503) as receiver:
        answer = safe_request(f"{receiver.url}/a?b=c", body=b"{}", headers={"X-Id": "7"})

    assert (answer.status, answer.body, answer.taken) == (503, "ok", False)
    (got,) = receiver.got
    assert (got.method, got.path, got.body, got.headers["x-id"]) == ("POST", "/a?b=c", b"{}", "7")
    assert got.headers["host"] == receiver.url.removeprefix("http://")


def test_a_redirect_is_not_followed(local: None) -> None:
    with receiving() as inside:

        def away(handler: BaseHTTPRequestHandler) -> int:
            handler.send_response(302)
            handler.send_header("Location", inside.url)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return 0

        with receiving(away) as outside:
            assert safe_request(outside.url, method="GET").status == 302
        assert inside.got == []


def test_the_address_that_was_checked_is_the_one_connected_to(local: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the second answer of the name server leads inside, so there must not be a second question."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: Any, port: Any, *more: Any, **options: Any) -> Any:
        if host != "rebinding.example":
            return real(host, port, *more, **options)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "127.0.0.2", port, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with receiving() as receiver:
        port = receiver.server.server_address[1]
        assert safe_request(f"http://rebinding.example:{port}/").status == 200
        assert receiver.got[0].headers["host"] == f"rebinding.example:{port}"
    assert len(asked) == 1


def test_a_name_with_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (at, 443)) for at in ("93.184.215.14", "10.0.0.7")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)

    with pytest.raises(Refused, match=r"10\.0\.0\.7"):
        safe_request("https://both.example/")


def test_who_cannot_be_reached_has_taken_nothing(local: None) -> None:
    with pytest.raises(NotTaken, match="could not be reached") as fault:
        safe_request(f"http://127.0.0.1:{free_port()}/secret-token")
    assert fault.value.retryable
    assert "secret-token" not in str(fault.value)


def test_who_does_not_speak_https_has_taken_nothing(local: None) -> None:
    with receiving() as receiver, pytest.raises(NotTaken, match="by HTTPS"):
        safe_request(receiver.url.replace("http:", "https:"))
    assert receiver.got == []


def test_who_hangs_up_may_have_taken_it(local: None) -> None:
    def hang_up(handler: BaseHTTPRequestHandler) -> int:
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True
        return 0

    with receiving(hang_up) as receiver, pytest.raises(Unsure) as fault:
        safe_request(f"{receiver.url}/secret-token")
    assert "secret-token" not in str(fault.value)


def test_who_answers_a_byte_at_a_time_is_cut_off(local: None) -> None:
    cut_off = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> int:
        try:
            while not cut_off.wait(0.05):  # far below any limit between two bytes
                handler.wfile.write(b"x")
        except OSError:
            pass
        handler.close_connection = True
        return 0

    with receiving(drip) as receiver:
        with pytest.raises(Unsure, match=r"no answer within 0\.5 s"):
            safe_request(receiver.url, seconds=0.5)
        cut_off.set()


def test_who_never_answers_is_waited_for_no_longer_than_was_said(local: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Unsure, match=r"did not answer"):
        safe_request(f"http://127.0.0.1:{silent.getsockname()[1]}/", seconds=0.3)


def test_a_long_answer_is_not_read_to_its_end(local: None) -> None:
    def flood(handler: BaseHTTPRequestHandler) -> int:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
        try:
            while True:
                handler.wfile.write(b"y" * 65_536)
        except OSError:
            handler.close_connection = True
            return 0

    with receiving(flood) as receiver:
        assert len(safe_request(receiver.url).body) == MOST_BYTES
