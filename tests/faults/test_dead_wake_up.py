"""RabbitMQ gives a wake-up up that keeps killing its workers; the scheduler keeps it as a letter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from batches.models import DeadLetter, LetterGroup, LetterTally, QueueLook, StrayMessage
from tests.builders import taken_in
from tests.conftest import database_url
from tests.faults.brokers import Wire
from tests.faults.night import a_night, assert_exact
from tests.faults.site import Site
from tests.outside import a_broker

pytestmark = pytest.mark.outside


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire(a_broker("NIGHTSHELF_TEST_RABBITMQ_URL"))
    yield wire
    with suppress(OSError):
        wire.cut()


@pytest.fixture
def broker_url(wire: Wire) -> str:
    return wire.url


def test_a_wake_up_that_kills_every_worker_ends_as_a_letter(site: Site, queue: str) -> None:
    site.environment["DRAIN_SECONDS"] = "1"
    night = a_night(lines=20)
    taken_in(night.content)
    site.beat()
    site.worker(concurrency=1)

    def kept() -> bool:
        if not StrayMessage.objects.exists():
            site.failpoints.arm("before_claim", "kill")  # whoever comes by next
            return False
        return True

    site.await_(kept, "the dead wake-up in the database", look=True)
    site.failpoints.disarm("before_claim")
    stray = StrayMessage.objects.first()
    assert stray is not None
    assert (stray.queue, stray.headers["task"]) == (f"{queue}.dead", "batches.work")
    assert stray.reason == f"delivery_limit in {queue}"
    assert QueueLook.objects.get(queue=f"{queue}.dead").failure == ""

    # The wake-up is gone, the work is not.
    site.await_rest()
    _forget_the_message()
    assert_exact(database_url(), night)


def _forget_the_message() -> None:
    """What is left is the night's."""
    DeadLetter.objects.filter(kind="event").delete()
    LetterTally.objects.filter(group__kind="event").delete()
    LetterGroup.objects.filter(kind="event").delete()
