"""Real servers on this machine that channels send to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import NamedTuple

from tests.ports import free_port


class Got(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """`answer` is asked with each request; it says a status, or sends what it likes and says 0."""

    def __init__(self, answer: Callable[[BaseHTTPRequestHandler], int]) -> None:
        self.got: list[Got] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.got.append(Got(self.command, self.path, headers, body))
                if status := answer(self):
                    self.send_response(status)
                    self.send_header("Content-Length", "2")
                    self.end_headers()
                    self.wfile.write(b"ok")

            do_GET = do_POST

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"


@contextmanager
def receiving(answer: Callable[[BaseHTTPRequestHandler], int] = lambda _: 200) -> Iterator[Receiver]:
    receiver = Receiver(answer)
    thread = threading.Thread(target=lambda: receiver.server.serve_forever(0.01))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()


class MailSink:
    """A mail server that keeps what it takes. `says`: its answer to a command in place of a yes; None hangs up."""

    def __init__(self, says: dict[str, bytes | None]) -> None:
        self.mails: list[str] = []
        sink = self

        class Handler(StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"220 sink\r\n")
                while line := self.rfile.readline():
                    word = line[:4].decode().strip().upper()
                    if word == "DATA" and word not in says:
                        self.wfile.write(b"354 go on\r\n")
                        sink.mails.append("".join(self._data()))
                        word = "END"
                    answer = says.get(word, b"221 bye" if word == "QUIT" else b"250 ok")
                    if answer is None:
                        return
                    self.wfile.write(answer + b"\r\n")

            def _data(self) -> Iterator[str]:
                while (line := self.rfile.readline()) not in {b".\r\n", b""}:
                    yield line.decode()

        self.server = ThreadingTCPServer(("127.0.0.1", free_port()), Handler)
        self.port = self.server.server_address[1]


@contextmanager
def taking_mail(says: dict[str, bytes | None] | None = None) -> Iterator[MailSink]:
    sink = MailSink(says or {})
    thread = threading.Thread(target=lambda: sink.server.serve_forever(0.01))
    thread.start()
    try:
        yield sink
    finally:
        sink.server.shutdown()
        sink.server.server_close()
        thread.join()
