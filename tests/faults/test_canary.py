"""A canary proves that a queue is being consumed; one that nobody answers shows."""

from __future__ import annotations

import signal
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from prometheus_client import REGISTRY

from monitoring import canary
from monitoring.models import Canary
from tests.faults.site import Site


@pytest.fixture
def answered(site: Site) -> Site:
    site.beat()
    site.worker()
    site.await_(lambda: Canary.objects.filter(answered_at__isnull=False).exists(), "the first answer")
    return site


def test_a_consumed_queue_is_not_stalled(answered: Site, queue: str) -> None:
    [told] = canary.state()
    row = Canary.objects.get()

    assert told == (queue, False, None, "")
    assert row.worker.startswith("celery@")
    assert row.waiting_since is None
    assert REGISTRY.get_sample_value("nightshelf_queue_stalled_seconds", {"queue": queue}) == 0


def test_a_queue_that_nobody_consumes_is_stalled_until_somebody_does(answered: Site, queue: str) -> None:
    [worker] = answered.named("worker")
    worker.signal(signal.SIGSTOP)
    Canary.objects.update(sent_at=None)
    answered.await_(lambda: Canary.objects.filter(waiting_since__isnull=False).exists(), "the next canary")
    Canary.objects.update(waiting_since=Now() - timedelta(seconds=canary.STALLED_SECONDS + 1))

    [told] = canary.state()
    assert (told.queue, told.stalled, told.reason) == (queue, True, "No worker takes tasks from it.")
    stalled = REGISTRY.get_sample_value("nightshelf_queue_stalled_seconds", {"queue": queue})
    assert stalled is not None
    assert stalled > canary.STALLED_SECONDS

    worker.signal(signal.SIGCONT)
    answered.await_(lambda: not canary.state()[0].stalled, "the answer")


def test_a_scheduler_that_is_gone_is_told(answered: Site) -> None:
    [beat] = answered.named("beat")
    beat.kill()
    Canary.objects.update(sent_at=Now() - timedelta(seconds=canary.STALLED_SECONDS + canary.SEND_SECONDS + 1))

    assert canary.state()[0].reason == "The scheduler does not run: no canary is sent."
