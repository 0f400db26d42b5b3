"""S3 storages for tests: against moto, directly or through a proxy that misbehaves as networks do."""

from __future__ import annotations

import socket
import struct
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from storage.s3 import RangedS3Storage

UNAVAILABLE = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n"
    b"<Error><Code>ServiceUnavailable</Code><Message>Reduce your request rate</Message></Error>"
)


def s3_storage(endpoint: str, bucket: str) -> RangedS3Storage:
    return RangedS3Storage(
        bucket_name=bucket, endpoint_url=endpoint, region_name="ap-northeast-1", default_acl=None, file_overwrite=True
    )


def fresh_bucket(endpoint: str) -> str:
    name = f"bucket-{uuid.uuid4().hex[:12]}"
    where = {"LocationConstraint": "ap-northeast-1"}
    s3_storage(endpoint, name).client.create_bucket(Bucket=name, CreateBucketConfiguration=where)
    return name


class Proxy:
    """Between storage and S3.

    `cuts`: after how many bytes each of the next GET answers breaks off, by a reset or (not `reset`) an early end;
    `refusals`: how many of the next requests are answered 503.
    """

    def __init__(self, endpoint: str) -> None:
        address = urlsplit(endpoint)
        self._behind = (address.hostname, address.port)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self.cuts: list[int] = []
        self.reset = True
        self.refusals = 0
        self.gets = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        """One request for each connection: the answer says so, and the client opens the next."""
        with client:
            request = _head(client)
            if not request:
                return
            if self.refusals:
                self.refusals -= 1
                client.sendall(UNAVAILABLE)
                return
            cut = None
            if request.startswith(b"GET"):
                self.gets += 1
                cut = self.cuts.pop(0) if self.cuts else None
            self._pass_on(request, client, cut)

    def _pass_on(self, request: bytes, client: socket.socket, cut: int | None) -> None:
        with socket.create_connection(self._behind) as server:
            server.sendall(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
            head = _head(server)
            client.sendall(head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
            sent = 0
            while block := server.recv(65536):
                if cut is not None and sent + len(block) >= cut:
                    client.sendall(block[: cut - sent])
                    # No time to linger: the connection is reset, and what was under way may be lost with it.
                    if self.reset:
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                client.sendall(block)
                sent += len(block)


@contextmanager
def proxy(endpoint: str) -> Iterator[Proxy]:
    made = Proxy(endpoint)
    try:
        yield made
    finally:
        made.close()


def _head(source: socket.socket) -> bytes:
    """Up to the empty line behind the headers, byte by byte so that nothing of the body is taken."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = source.recv(1)
        if not byte:
            return b""
        head += byte
    return head
