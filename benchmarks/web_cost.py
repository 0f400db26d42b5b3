"""What tracing and metrics cost a web request: the same pages by the site as it is, and by one without them, in turn.

One process, one request at a time, no network: what is left between the two is telemetry's own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

from benchmarks.silent import MIDDLEWARE, silent

REQUESTS = 200  # of each page, each way
Answer = Callable[[], Any]


def pages(requests: int = REQUESTS) -> dict[str, dict[str, float]]:
    """For each page `ms` and `silent_ms`, the medians with telemetry and without."""
    from benchmarks import asked, server

    server.empty()
    person, loud, quiet = asked.administrator(), _site(), _site(without=MIDDLEWARE)
    found = {}
    for name, path in {"health": "/api/health", "home": "/admin/", "jobs": "/admin/batches/job/"}.items():
        with_it, without = _asking(loud, path, person), _asking(quiet, path, person)
        found[name] = _measured(with_it, without, requests)
        print(
            f"  {name:20} {found[name]['ms']:8.3f} ms, without telemetry {found[name]['silent_ms']:8.3f} ms", flush=True
        )
    return found


def _measured(with_it: Answer, without: Answer, requests: int) -> dict[str, float]:
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(requests + 20):  # the first ones load templates
        loud = _seconds(with_it)
        with silent():
            quiet = _seconds(without)
        if number >= 20:
            times[0].append(loud)
            times[1].append(quiet)
    return {"ms": 1000 * median(times[0]), "silent_ms": 1000 * median(times[1])}


def _seconds(answer: Answer) -> float:
    began = time.perf_counter()
    response = answer()
    seconds = time.perf_counter() - began
    if response.status_code != 200:
        raise SystemExit(f"The page was answered with {response.status_code}.")
    return seconds


def _site(without: tuple[str, ...] = ()) -> Any:
    """The site's handler, middleware and all."""
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.test import override_settings

    with override_settings(MIDDLEWARE=[name for name in settings.MIDDLEWARE if not name.startswith(without or ("-",))]):
        return WSGIHandler()


def _asking(site: Any, path: str, person: Any) -> Answer:
    from django.test import Client, RequestFactory

    client = Client(SERVER_NAME="localhost")
    client.force_login(person)
    factory = RequestFactory(SERVER_NAME="localhost")
    factory.cookies = client.cookies

    def answer() -> Any:
        response = site.get_response(factory.get(path))
        response.close()
        return response

    return answer
