"""How long rows are kept (Y7), by the business's calendar (Y8), and whose they are (Y10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from batches.identity import receipt_digest
from batches.kinds.receipts import expires_on
from batches.models import ImageUpload, Job, Transaction
from batches.pipeline import purge as purge_step
from batches.pipeline.open_job import open_job
from batches.pipeline.purge import purge
from tests.builders import JOB, a_job, error_line, ids, ids_of, image, ingested, jsonl, line, receipts, the_letter

At = Callable[[datetime], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Set the clock that Django's own `localdate` looks at."""

    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return set_clock


@pytest.mark.parametrize(
    ("user", "days"),
    [
        ("device-7", 60),
        ("ephemeral-7", 60),
        ("device-", 60),
        ("user-1", 365),
        ("devices-are-us", 365),
        ("my-device-7", 365),
        ("operator", 365),
        ("", 365),
    ],
)
def test_guests_are_kept_60_days_and_accounts_a_year(user: str, days: int) -> None:
    assert expires_on(user, date(2026, 2, 3)) == date(2026, 2, 3) + timedelta(days=days)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("moment", "today"),
    [
        (datetime(2026, 2, 3, 14, 59, 59, tzinfo=UTC), date(2026, 2, 3)),  # 23:59:59 in Tokyo
        (datetime(2026, 2, 3, 15, 0, tzinfo=UTC), date(2026, 2, 4)),  # midnight in Tokyo
        (datetime(2026, 2, 3, 23, 59, 59, tzinfo=UTC), date(2026, 2, 4)),
        (datetime(2026, 2, 4, 0, 0, tzinfo=UTC), date(2026, 2, 4)),  # midnight UTC changes nothing
    ],
)
def test_days_begin_at_midnight_in_tokyo(moment: datetime, today: date, at: At) -> None:
    at(moment)

    ingested(receipts([1]), job=a_job(user_id="device-7"))
    ingested(receipts([2]), job=a_job("job-2"))

    guest, account = Transaction.objects.order_by("job_id")
    assert guest.expires_on == today + timedelta(days=60)
    assert account.expires_on == today + timedelta(days=365)


@pytest.mark.django_db(transaction=True)
def test_purge_deletes_what_is_over_and_nothing_else(at: At) -> None:
    ingested(receipts(range(6)))
    for number, day in enumerate([1, 2, 3, 4, 5, 6]):
        Transaction.objects.filter(image_id=image(number)).update(expires_on=date(2026, 2, day))
    at(datetime(2026, 2, 3, 14, 59, tzinfo=UTC))
    assert purge() == 2
    assert ids() == ids_of(range(2, 6))

    at(datetime(2026, 2, 3, 15, 0, tzinfo=UTC))
    assert (purge(), purge()) == (1, 0)

    assert ids() == ids_of(range(3, 6))


@pytest.mark.django_db(transaction=True)
def test_purge_goes_on_in_bounded_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purge_step, "ROWS_PER_DELETE", 7)
    ingested(receipts(range(30)))
    Transaction.objects.filter(line__lte=20).update(expires_on=date(2020, 1, 1))

    assert purge_step._delete_some() == 7
    assert purge() == 13

    assert Transaction.objects.count() == 10


@pytest.mark.django_db(transaction=True)
def test_a_purged_row_comes_back_when_its_line_does() -> None:
    ingested(receipts([1]))
    Transaction.objects.update(expires_on=date(2020, 1, 1))
    purge()

    ingested(receipts([1]), "again.jsonl")

    assert ids() == ids_of([1])
    assert Transaction.objects.get().revision == 1


def upload(number: int, user: str = "device-9") -> ImageUpload:
    name = image(number)
    return ImageUpload.objects.create(
        image_id=name, user_id=user, bucket="b", key=f"uploads/{name}", trace_id=f"{number:032x}"
    )


@pytest.mark.django_db(transaction=True)
def test_an_uploads_user_and_trace_reach_its_row() -> None:
    upload(1)

    ingested(receipts([1, 2]))

    known, unknown = Transaction.objects.order_by("image_id")
    assert (known.user_id, known.trace_id) == ("device-9", f"{1:032x}")
    assert known.expires_on == timezone.localdate() + timedelta(days=60)
    assert (unknown.user_id, unknown.trace_id) == ("user-1", receipt_digest(JOB, image(2))[:16].hex())
    assert unknown.expires_on == timezone.localdate() + timedelta(days=365)


@pytest.mark.django_db(transaction=True)
def test_an_uploads_trace_reaches_its_letter() -> None:
    upload(1)

    ingested(jsonl([error_line(image(1))]))

    letter = the_letter()
    assert (letter.record_id, letter.trace_id) == (image(1), f"{1:032x}")


@pytest.mark.django_db(transaction=True)
def test_a_line_of_nobody_knows_which_image_carries_its_jobs_trace() -> None:
    ingested(b"null\n")

    assert the_letter().trace_id == Job.objects.get().trace_id


@pytest.mark.django_db(transaction=True)
def test_a_rows_intent_is_its_jobs_and_found_both_ways() -> None:
    job = open_job(JOB, kind="receipts", user_id="user-1", intent_id="intent-1")

    ingested(receipts(range(3)), job=job)

    assert {row.intent_id for row in Transaction.objects.select_related("job")} == {"intent-1"}
    assert Transaction.objects.filter(job__intent_id="intent-1").count() == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_another_business_has_another_calendar(zone: str, settings: Settings, at: At) -> None:
    settings.TIME_ZONE = zone
    at(datetime(2026, 2, 3, 15, 0, tzinfo=UTC))

    ingested(jsonl([line(image(1))]))

    assert Transaction.objects.get().expires_on == date(2026, 2, 3) + timedelta(days=365)
