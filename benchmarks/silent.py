"""The product with its tracing and metrics patched out, to be measured beside itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any
from unittest.mock import patch

# Of the site's middleware, what is there for figures and traces alone.
MIDDLEWARE = ("monitoring.metrics.", "monitoring.traces.", "opentelemetry.", "django_prometheus.")


@contextmanager
def silent() -> Iterator[None]:
    """Telemetry's door leads nowhere, ids are not carried, a chunk's figures are not written, nothing is traced."""
    from django.conf import settings

    from batches.pipeline import bring_in, finish, prepare, write
    from monitoring import telemetry
    from monitoring.traces import spans
    from storage import calls

    with ExitStack() as stack:
        stack.enter_context(patch.object(settings, "TRACES", False))
        stack.enter_context(patch.object(spans, "is_observed", lambda: False))
        stack.enter_context(patch.object(calls, "_observers", []))
        for name in ("event", "fault", "count", "measure"):
            stack.enter_context(patch.object(telemetry, name, _nothing))
        for module in (bring_in, prepare):
            stack.enter_context(patch.object(module, "carrying", lambda **_: nullcontext()))
        stack.enter_context(patch.object(write, "tell_chunk", _nothing))
        stack.enter_context(patch.object(finish, "tell_file", _nothing))
        yield


def count_no_queries() -> None:
    """django-prometheus counts them by a database engine of its own; from now on, in this process, nobody does."""
    from django.db import connections
    from django.db.backends.postgresql.base import DatabaseWrapper

    connections.settings["default"]["ENGINE"] = "django.db.backends.postgresql"
    connections["default"] = DatabaseWrapper(connections.settings["default"], "default")


def _nothing(*_: Any, **__: Any) -> None:
    pass
