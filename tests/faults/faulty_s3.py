"""S3 (moto's) behind a proxy that misbehaves when it is told to."""

from __future__ import annotations

import http.client
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

BUCKET = "results"
SECRETS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_MAX_ATTEMPTS": "1",  # boto's own retries would hide the faults, slowly
}


class FaultyS3:
    """`faults` are the next reads' fates: "503", "truncate" or "stall", one each; later reads are served.

    `every`: of all requests, each so manieth is answered 503. `denied`: of requests that delete, how many are refused.
    """

    def __init__(self, moto_port: int) -> None:
        self.faults: list[str] = []
        self.every = 0
        self.denied = 0
        self._requests = itertools.count(1)
        self.stalled = threading.Event()
        self.over = threading.Event()
        self._moto_port = moto_port
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def put(self, key: str, content: bytes) -> None:
        self._client().put_object(Bucket=BUCKET, Key=key, Body=content)

    def keys(self) -> set[str]:
        pages = self._client().get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return {item["Key"] for page in pages for item in page.get("Contents", ())}

    def create(self) -> None:
        self._client().create_bucket(Bucket=BUCKET)

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()

    def fate(self, method: str, path: str, ranged: bool) -> str:
        if self.every and next(self._requests) % self.every == 0:
            return "503"
        if self.denied and method == "POST" and path.endswith("?delete"):
            self.denied -= 1
            return "403"
        return self.faults.pop(0) if self.faults and method == "GET" and ranged else ""

    def ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        moto = http.client.HTTPConnection("127.0.0.1", self._moto_port, timeout=60)
        moto.request(method, path, body=body, headers=headers)
        answer = moto.getresponse()
        told = answer.status, answer.getheaders(), answer.read()
        moto.close()
        return told

    def _client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self._moto_port}",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            region_name="us-east-1",
        )


@contextmanager
def faulty_s3() -> Iterator[FaultyS3]:
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    moto.start()
    storage = FaultyS3(moto.get_host_and_port()[1])
    storage.create()
    try:
        yield storage
    finally:
        storage.close()
        moto.stop()


def _handler(storage: FaultyS3) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            fate = storage.fate(self.command, self.path, "Range" in self.headers)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if fate in ("503", "403"):
                return self._send(int(fate), [], b"", whole=True)
            status, headers, content = storage.ask(self.command, self.path, dict(self.headers), body)
            if fate == "stall":
                storage.stalled.set()
                storage.over.wait()
            return self._send(status, headers, content, whole=fate != "truncate")

        do_GET = do_HEAD = do_PUT = do_POST = answer

        def _send(self, status: int, headers: list[tuple[str, str]], content: bytes, *, whole: bool) -> None:
            self.send_response(status)
            length = str(len(content))
            for name, value in headers:
                if name.lower() == "content-length":
                    length = value
                elif name.lower() not in ("transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.send_header("Content-Length", length)
            self.end_headers()
            # HTTP/1.0: the connection ends here, after half of what was promised or after all of it.
            self.wfile.write(content if whole else content[: len(content) // 2])

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
