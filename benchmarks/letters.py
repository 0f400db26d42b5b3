"""The dead letters' pages at a million open letters and 100,000 jobs: their median time, and their queries."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from benchmarks import asked
from benchmarks.many_letters import build

LETTERS, JOBS, GROUPS = 1_000_000, 100_000, 500
# (what, page, address's parameters); a page that is not there is left out.
PAGES: tuple[tuple[str, str, dict[str, str] | None], ...] = (
    ("groups by impact", "batches_lettergroup_changelist", {}),
    ("groups by count, searched", "batches_lettergroup_changelist", {"q": "code_7", "sort": "count"}),
    ("a group", "batches_lettergroup_change", None),
    ("a rule for it", "batches_lettergroup_rule", None),
    ("a redrive of it, before", "batches_redrive_new", {"group": "{group}", "status": "open"}),
    ("a redrive of all, before", "batches_redrive_new", {"status": "open"}),
    ("a discard of a group, before", "batches_deadletter_discard", {"group": "{group}"}),
    ("letters", "batches_deadletter_changelist", {}),
    ("letters, open", "batches_deadletter_changelist", {"status__exact": "open"}),
    ("letters, of a kind", "batches_deadletter_changelist", {"kind__exact": "conflict"}),
    ("letters, of a reason", "batches_deadletter_changelist", {"code": "code_7"}),
    ("letters, of a field", "batches_deadletter_changelist", {"field": "amount"}),
    ("letters, of a job", "batches_deadletter_changelist", {"job": "many-500"}),
    ("letters, of a group", "batches_deadletter_changelist", {"group": "{group}"}),
    ("letters, of a user", "batches_deadletter_changelist", {"user": "user-77"}),
    ("letters, of some days", "batches_deadletter_changelist", {"created_at_from": "{day}", "created_at_to": "{day}"}),
    ("letters, page 100", "batches_deadletter_changelist", {"p": "100"}),
    ("letters, searched for an image", "batches_deadletter_changelist", {"q": "image-500"}),
    ("letters, that there are none of", "batches_deadletter_changelist", {"status__exact": "discarded"}),
    ("a letter", "batches_deadletter_change", None),
    ("jobs", "batches_job_changelist", {}),
    ("jobs, with letters", "batches_job_changelist", {"status__exact": "with_letters"}),
    ("a job", "batches_job_change", None),
)


def pages(letters: int = LETTERS, jobs: int = JOBS) -> dict[str, dict[str, float]]:
    """For each page: `ms`, the median of `asked.ROUNDS`, and `queries`. The tables are emptied before."""
    from benchmarks import server

    server.empty()
    began = time.monotonic()
    build(letters=letters, jobs=jobs, groups=GROUPS)
    print(f"  {letters:,} letters, {jobs:,} jobs made in {time.monotonic() - began:.0f} s", flush=True)
    return measured()


def measured() -> dict[str, dict[str, float]]:
    return asked.measured(_requests())


def _requests() -> Iterator[tuple[str, Callable[[], Any]]]:
    from django.test import Client
    from django.urls import NoReverseMatch, reverse

    client, known = Client(SERVER_NAME="localhost"), _known()
    client.force_login(asked.administrator())
    for what, page, parameters in PAGES:
        try:
            address = reverse(f"admin:{page}", args=[known[page]] if parameters is None else [])
        except NoReverseMatch:
            continue
        data = {name: value.format(**known) for name, value in (parameters or {}).items()}
        yield what, partial(client.get, address, data)


def _known() -> dict[str, Any]:
    from django.db import connection

    from batches.models import DeadLetter, Job

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT encode(group_id, 'hex') FROM batches_deadletter GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        )
        (group,) = cursor.fetchone()
    middle = DeadLetter.objects.order_by("-pk")[100]
    return {
        "group": group,
        "batches_lettergroup_change": group,
        "batches_lettergroup_rule": group,
        "day": f"{middle.created_at:%Y-%m-%d}",
        "batches_deadletter_change": middle.pk,
        "batches_job_change": Job.objects.order_by("-pk")[50].pk,
    }
