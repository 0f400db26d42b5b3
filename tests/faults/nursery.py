"""Starts processes quickly: what they import anyway is loaded once, and each is forked from here.

A line of JSON on standard input, `{"argv", "env", "log"}`, is a process to start; the answer is its pid. A start by
exec would take two seconds of a processor each time.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from embedded.process import die_with_parent

# Nothing of ours, and nothing that reads settings when it is imported.
LOADED = (
    "boto3", "botocore.client", "celery.__main__", "celery.app.amqp", "celery.apps.beat", "celery.apps.worker",
    "celery.bin.celery", "celery.bin.worker", "celery.concurrency.prefork", "celery.worker.consumer",
    "django.contrib.admin", "django.contrib.postgres.fields", "django.core.management",
    "django.db.backends.postgresql.base", "environs", "gunicorn.app.wsgiapp", "kombu.transport.pyamqp",
    "kombu.transport.redis", "msgspec", "opentelemetry.sdk.trace", "psycopg", "storages.backends.s3",
)  # fmt: skip


def main() -> None:
    for name in LOADED:
        importlib.import_module(name)
    gc.freeze()  # what is loaded here is no garbage, and a child need not look at it, nor copy it by looking
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the children are nobody's to wait for
    print("ready", flush=True)
    for request in sys.stdin:
        prepare = die_with_parent(signal.SIGKILL)
        if (pid := os.fork()) == 0:
            prepare()
            os._exit(_live(**json.loads(request)))
        print(pid, flush=True)


def _live(argv: list[str], env: dict[str, str], log: str) -> int:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    with Path(log).open("ab") as output:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = argv
    try:
        PROGRAMS[argv[0]]()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _celery() -> Any:
    from celery.__main__ import main

    return main()


def _gunicorn() -> Any:
    from gunicorn.app.wsgiapp import run  # type: ignore[import-untyped]

    return run()


def _manage() -> Any:
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    return execute_from_command_line(sys.argv)


PROGRAMS = {"celery": _celery, "gunicorn": _gunicorn, "manage.py": _manage}

if __name__ == "__main__":
    main()
