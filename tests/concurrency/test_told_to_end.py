"""A signal that comes between taking a lease and noting it: a real one, to this process, as to a worker's child."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from types import FrameType
from typing import Any

import pytest

from batches.letters import work_redrives as redrive_step
from batches.letters.work_redrives import work_redrives
from batches.models import Acceptance, Chunk, ImageUpload, Redrive
from batches.moves import work as move_step
from batches.moves.work import move
from batches.pipeline.work import work
from batches.proposals import work as acceptance_step
from batches.proposals.work import work_acceptances
from config.end_once import end_once
from tests.builders import counts, ingested, receipts, run_all, taken_in
from tests.integration.kinds import test_accept_many as acceptances
from tests.integration.pages import person
from tests.moves import uploaded
from tests.redrives import dead_letters, run_redrives, started

pytestmark = pytest.mark.django_db(transaction=True)
Struck = Callable[[Any, str], AbstractContextManager[None]]


@pytest.fixture
def struck(monkeypatch: pytest.MonkeyPatch) -> Iterator[Struck]:
    """Within it, SIGTERM comes as soon as that has been done once, and ends this process as it ends a pool's child."""

    def exits(number: int, frame: FrameType | None) -> None:
        raise SystemExit

    @contextmanager
    def struck_after(owner: Any, name: str) -> Iterator[None]:
        original = getattr(owner, name)

        def strikes(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            signal.raise_signal(signal.SIGTERM)
            return result

        with monkeypatch.context() as patched:
            patched.setattr(owner, name, strikes)
            signal.signal(signal.SIGTERM, exits)
            end_once()
            with pytest.raises(SystemExit):
                yield

    before = signal.getsignal(signal.SIGTERM)
    yield struck_after
    signal.signal(signal.SIGTERM, before)


def test_a_chunk_that_is_to_be_read_is_handed_back(small_chunks: None, struck: Struck) -> None:
    taken_in(receipts(range(20)))
    with struck(ThreadPoolExecutor, "submit"):
        work()

    assert set(Chunk.objects.values_list("status", "attempts", "leased_until")) == {("pending", 0, None)}
    run_all()
    assert counts() == {"inserted": 20}


def test_a_batch_of_images_is_given_back(struck: Struck) -> None:
    uploaded(range(20))
    ingested(receipts(range(20)))
    with struck(move_step, "BatchHeart"):
        move()

    assert set(ImageUpload.objects.values_list("status", "lease", "leased_until")) == {("due", None, None)}
    assert move() == 20


def test_a_redrive_is_given_back(struck: Struck) -> None:
    dead_letters(3)
    redrive = started()
    with struck(redrive_step, "claim_redrive"):
        work_redrives()

    assert Redrive.objects.get(pk=redrive.pk).leased_until is None
    assert run_redrives() == 3


def test_an_acceptance_is_given_back(struck: Struck) -> None:
    acceptances.proposed(6)
    acceptance = acceptances.begun(person(*acceptances.MAY, name="hanako"))
    with struck(acceptance_step, "_claim"):
        work_acceptances()

    assert Acceptance.objects.get(pk=acceptance.pk).leased_until is None
    assert work_acceptances() == 2
