"""Rate, ramp, pause and cancel: how fast a redrive goes on, and when it does not."""

from __future__ import annotations

import pytest

from batches.letters.cancel import cancel_redrive
from batches.letters.pause import pause_redrive
from batches.letters.refused import Refused
from batches.letters.resume import resume_redrive
from batches.models import RedriveItem
from tests.builders import (
    counts,
    image,
    ingested,
    jsonl,
    line,
)  # fmt: skip
from tests.redrives import (
    a_rule,
    an_operator,
    begun,
    dead_letters,
    let_time_pass,
    run_redrives,
    started,
    statuses,
)  # fmt: skip

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_rate_is_kept_by_the_databases_clock() -> None:
    dead_letters(30)
    redrive = started(rule=a_rule(), rate=60)

    assert run_redrives() == 10
    assert run_redrives() == 0
    redrive.refresh_from_db()
    item = RedriveItem.objects.filter(redrive=redrive, status="put_right").first()
    assert item
    assert item.finished_at
    assert (redrive.next_at - item.finished_at).total_seconds() >= 10

    let_time_pass(redrive)
    assert run_redrives() == 10
    let_time_pass(redrive)
    run_redrives()
    redrive.refresh_from_db()
    assert redrive.status == "finished"


def test_a_ramp_grows_by_steps() -> None:
    dead_letters(40)
    redrive = started(rule=a_rule(), ramp=True)

    run_redrives()

    redrive.refresh_from_db()
    assert (redrive.status, counts()) == ("finished", {"inserted": 40})
    times = RedriveItem.objects.filter(redrive=redrive).order_by("id").values_list("finished_at", flat=True)
    steps: dict[object, int] = {}
    for time in times:
        steps[time] = steps.get(time, 0) + 1
    assert list(steps.values()) == [1, 5, 25, 9]


def test_a_ramp_stops_by_itself_when_the_same_reason_returns() -> None:
    ingested(jsonl([line(image(number), date="20/11/2026" if number < 3 else "2026/11/20") for number in range(30)]))
    redrive = started(rule=a_rule(), ramp=True)
    run_redrives()

    redrive.refresh_from_db()
    assert (redrive.status, statuses(redrive)) == ("stopped", {"put_right": 3, "failed": 3, "waiting": 24})
    assert "3 of 5 letters of this step failed again, for the reason they had before" in redrive.stop_reason
    assert run_redrives() == 0

    resume_redrive(redrive.pk, actor=an_operator())
    run_redrives()
    redrive.refresh_from_db()
    assert (redrive.status, statuses(redrive)) == ("finished", {"put_right": 3, "failed": 27})


def test_paused_it_rests_and_resumed_it_goes_on() -> None:
    dead_letters(3)
    redrive = started(rule=a_rule())
    pause_redrive(redrive.pk, actor=an_operator(), reason="Lunch.")

    assert run_redrives() == 0
    redrive.refresh_from_db()
    assert (redrive.status, redrive.stop_reason) == ("paused", "Lunch.")
    with pytest.raises(Refused, match="is paused"):
        pause_redrive(redrive.pk, actor=an_operator())

    resume_redrive(redrive.pk, actor=an_operator())
    assert run_redrives() == 3


def test_cancelled_it_lets_go_of_what_waits() -> None:
    dead_letters(30)
    redrive = started(rule=a_rule(), rate=60)
    run_redrives()

    assert cancel_redrive(redrive.pk, actor=an_operator(), reason="Wrong rule.") == 20

    redrive.refresh_from_db()
    assert (redrive.status, statuses(redrive)) == ("cancelled", {"put_right": 10, "cancelled": 20})
    assert begun().taken == 20
    with pytest.raises(Refused, match="cannot be running"):
        resume_redrive(redrive.pk, actor=an_operator())
