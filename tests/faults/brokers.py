"""A broker of the test's own that can be killed, emptied and started again; and a wire that can be cut."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import redis

from embedded import state, valkey
from embedded.process import die_with_parent
from embedded.state import port_is_free
from tests.faults.site import PROJECT, wait_for
from tests.ports import free_port


class Broker:
    """The embedded broker's program, without its supervisor."""

    def __init__(self, root: Path) -> None:
        self._secrets = state.load(root)
        self._program = valkey.prepare(root, self._secrets)
        self._process: subprocess.Popen[bytes] | None = None
        self.url = self._secrets.broker_url

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._program.command,
            cwd=self._program.cwd,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent(self._program.orphan_signal),  # noqa: PLW1509 - two system calls, no locks
        )
        wait_for(lambda: valkey.answers(self._secrets), "the broker")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def flush(self) -> None:
        with redis.Redis.from_url(self.url) as broker:
            broker.flushall()


class Sqs:
    """An emulated SQS. It keeps nothing: one that is started again has no queue."""

    def __init__(self) -> None:
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.sqs_server", str(self._port)],
            cwd=PROJECT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 - two system calls, no locks
        )
        wait_for(lambda: not port_is_free(self._port), "SQS")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @staticmethod
    def environment(url: str) -> dict[str, str]:
        """What boto3 has to be told to take `url` for SQS."""
        return {
            "AWS_ENDPOINT_URL_SQS": url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }


class Wire:
    """A local port that leads to another server as long as it is not cut."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "127.0.0.1", parts.port or {"amqp": 5672, "redis": 6379}[parts.scheme])
        self._port = free_port()
        self._listener = socket.create_server(("127.0.0.1", self._port))
        user = parts.netloc.rpartition("@")[0]
        self.url = urlunsplit(
            parts._replace(netloc=f"{user}@127.0.0.1:{self._port}" if user else f"127.0.0.1:{self._port}")
        )
        self._ends: list[socket.socket] = []
        self._serve()

    def cut(self) -> None:
        """End every connection, and refuse new ones."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._ends.clear()

    def mend(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._serve()

    def _serve(self) -> None:
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self._target)
                self._ends += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
