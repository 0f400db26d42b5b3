"""Letters chosen by a filter: the same on pages, on the command line and in what is kept of a redrive."""

from __future__ import annotations

from typing import Any

import pytest

from batches.letters.filters import LetterFilter
from batches.states import LetterStatus
from tests.builders import a_job, error_line, image, ingested, jsonl, line
from tests.redrives import dead_letters

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("which", "found"),
    [
        ({}, 4),
        ({"code": "invalid_date"}, 3),
        ({"field": "date", "job": "job-1"}, 2),
        ({"job": "job-9"}, 0),
        ({"kind": "line", "status": "open"}, 4),
        ({"status__exact": "discarded"}, 0),
        ({"user": "user-1"}, 4),
        ({"image": "image-00000"}, 2),
        ({"q": "model_error"}, 1),
        ({"text": "image-00001"}, 1),
        ({"since": "2026-01-01", "until": "2999-01-01"}, 4),
        ({"created_at_from": "2998-01-01"}, 0),
        ({"written": "2026-01-01T00:00Z..2999-01-01T00:00+09:00"}, 4),
        ({"written": "2026-01-01T00:00Z..2026-01-01T00:05Z"}, 0),
        ({"unknown": "x", "code": None}, 4),
    ],
)
def test_the_filters(which: dict[str, Any], found: int) -> None:
    dead_letters(2)
    ingested(jsonl([line(image(0), date="x"), error_line(image(8))]), job=a_job("job-2"))

    assert LetterFilter.of(which).letters().count() == found


def test_filters_by_group_file_and_number() -> None:
    letter = dead_letters(2)[0]

    assert LetterFilter.of({"group": letter.group_id}).letters().count() == 2
    assert LetterFilter.of({"file": letter.file_id}).letters().count() == 2
    assert LetterFilter.of({"ids": f"{letter.pk}, 99"}).letters().get() == letter
    assert LetterFilter.of({"ids": "", "group": letter.group_id}).as_dict() == {"group": letter.group_id}


@pytest.mark.parametrize(
    ("which", "says"),
    [
        ({"kind": "lines"}, "use one of line, file"),
        ({"status": "closed"}, "use one of open, resolved"),
        ({"group": "xyz"}, "16 hexadecimal"),
        ({"file": "-1"}, "write a number"),
        ({"ids": "1,x"}, "write a number"),
        ({"ids": ",".join(map(str, range(10_001)))}, "more than 10,000"),
        ({"since": "yesterday"}, "2026-02-03"),
        ({"until": "9999-12-31"}, "2026-02-03"),
        ({"written": "2026-01-01T00:00..2026-01-01T00:05"}, "2026-02-03T01:00Z"),
    ],
)
def test_a_filter_that_cannot_be_says_how_it_is_written(which: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        LetterFilter.of(which)


def test_a_filter_survives_being_kept_as_json() -> None:
    which = LetterFilter.of({"code": "invalid_date", "status__exact": LetterStatus.OPEN, "q": " x "})

    assert which.as_dict() == {"code": "invalid_date", "status": "open", "text": "x"}
    assert LetterFilter.of(which.as_dict()) == which


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2026-11-21T16:47Z..2026-11-21T16:48Z", "code x, written 2026-11-22 01:47 to 01:48"),
        ("2026-11-21T14:50Z..2026-11-21T15:10Z", "code x, written 2026-11-21 23:50 to 2026-11-22 00:10"),
    ],
)
def test_moments_are_said_in_the_business_s_time(written: str, said: str) -> None:
    assert str(LetterFilter.of({"code": "x", "written": written})) == said
