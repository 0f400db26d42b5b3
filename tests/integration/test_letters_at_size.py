"""With many letters: no page asks more questions than with few, and each question has its index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from batches.letters.archive import due
from batches.letters.figures import SORTS, trend, with_letters
from batches.letters.filters import LetterFilter
from batches.models import DeadLetter, Job, LetterGroup
from benchmarks.many_letters import build
from pages.paginator import LimitedPaginator
from tests.at_size import standing
from tests.integration.pages import BUDGET, MARKS, page, pages, signed_in

pytestmark = [pytest.mark.django_db, MARKS[1]]
LETTERS, JOBS, GROUPS = 30_000, 3_000, 60
VIEW = ("view_deadletter", "view_job", "view_lettergroup")
# What is filtered by, and the index that answers it.
FILTERS: list[tuple[dict[str, str], str]] = [
    ({}, "batches_deadletter_pkey"),
    ({"status": "discarded"}, "letter_by_status"),
    ({"kind": "poison"}, "letter_by_kind"),
    ({"code": "code_39"}, "letter_by_reason"),
    ({"code": "code_39", "status": "open"}, "letter_open_by_reason"),
    ({"field": "nothing"}, "letter_by_field"),
    ({"job": "many-77"}, "letter_by_job_and_reason"),
    ({"user": "user-77"}, "letter_by_user"),
    ({"image": "image-77"}, "letter_by_image"),
    ({"file": "{file}"}, "batches_deadletter_file_id"),
    ({"group": "{group}"}, "letter_by_group"),
    ({"since": "2001-02-03", "until": "2001-02-04"}, "letter_by_day"),
    ({"ids": "1,2,3"}, "batches_deadletter_pkey"),
    ({"text": "image-77"}, "letter_by_image"),
]


@pytest.fixture(scope="module")
def _letters(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with standing(django_db_blocker, lambda: build(letters=LETTERS, jobs=JOBS, groups=GROUPS)):
        yield


@pytest.fixture
def many(_letters: None) -> DeadLetter:
    return DeadLetter.objects.select_related("job").order_by("pk")[100]


def test_every_filter_has_its_index(many: DeadLetter) -> None:
    known = {"file": many.file_id, "group": LetterGroup.objects.order_by("letters")[0].pk}
    plans = {}
    for which, index in FILTERS:
        given = {name: value.format(**known) for name, value in which.items()}
        plans[str(which)] = LetterFilter.of(given).letters().order_by("-pk")[:51].explain(), index

    assert {which: plan for which, (plan, index) in plans.items() if index not in plan} == {}
    assert {which: plan for which, (plan, _) in plans.items() if "Seq Scan on batches_deadletter" in plan} == {}


def test_what_works_in_bulk_goes_by_the_index_too(many: DeadLetter) -> None:
    open_ones = LetterFilter.of({"group": many.group_id, "status": "open"}).letters()
    after = open_ones.filter(pk__gt=many.pk, pk__lte=many.pk + 10_000).order_by("pk").values("pk")[:1000].explain()
    waiting = DeadLetter.objects.filter(job=many.job_id, status="open").values("pk")[:1].explain()

    assert "Seq Scan on batches_deadletter" not in after
    assert "letter_open_by_job" in waiting
    assert "letter_by_closing" in due().values("pk")[:1000].explain()


@pytest.mark.parametrize("sort", SORTS)
def test_groups_are_asked_for_once_whatever_their_number(many: DeadLetter, sort: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        found = list(with_letters(LetterGroup.objects.all()).order_by(*SORTS[sort])[:50])
        trend([group.pk for group in found])

    assert len(found) == 50
    assert len(queries) == 3


@pytest.mark.parametrize(
    "which", [{}, {"status__exact": "open"}, {"code": "code_7"}, {"job": "many-77"}, {"q": "image-77"}, {"p": "3"}]
)
def test_the_list_of_letters_keeps_its_budget(many: DeadLetter, which: dict[str, str]) -> None:
    client = signed_in(*VIEW)

    with CaptureQueriesContext(connection) as queries:
        response = client.get(pages("deadletter"), which)

    assert response.status_code == 200
    assert len(queries) <= BUDGET


def test_pages_of_one_letter_and_one_job_keep_their_budget(many: DeadLetter) -> None:
    client = signed_in(*VIEW)
    counts: dict[str, Any] = {}
    for name, address in {
        "letter": page("deadletter", many.pk),
        "job": page("job", many.job_id),
        "jobs": pages("job"),
    }.items():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts[name] = len(queries)

    assert {name: count for name, count in counts.items() if count > BUDGET} == {}


def test_counting_stops_at_ten_thousand(many: DeadLetter) -> None:
    with CaptureQueriesContext(connection) as queries:
        counted = LimitedPaginator(DeadLetter.objects.order_by("-pk"), 50)

        assert (counted.count, counted.more) == (10_000, True)

    assert "LIMIT 10001" in queries[0]["sql"]
    assert Job.objects.count() == JOBS
