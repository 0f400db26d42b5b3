"""The search for traces: each way to ask finds what it should and nothing else, page by page, at a bounded cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from batches.models import DeadLetter, ImageUpload
from monitoring.models import Trace
from monitoring.pages.traces import candidates, search
from monitoring.pages.traces.time_range import iso_minute
from tests.builders import a_job
from tests.integration.pages import BUDGET, signed_in, text_of
from tests.kept_traces import a_job_trace, a_line, a_moment, a_request, a_trace, step

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]
TRACES = "/admin/monitoring/traces/"


def found(client: Client, **asked: Any) -> list[str]:
    response = client.get(TRACES, asked)
    assert response.status_code == 200, response
    return [trace.trace_id for trace in response.context["found"].traces]


def told(client: Client, **asked: Any) -> str:
    return text_of(client.get(TRACES, asked))


def test_the_newest_come_first_or_the_slowest(admin_client: Client) -> None:
    slow, new = a_request(a_moment(20), 4.0), a_request(a_moment(5), 0.1)

    assert found(admin_client) == [new.trace_id, slow.trace_id]
    assert found(admin_client, order="slowest") == [slow.trace_id, new.trace_id]


def test_a_whole_id_leads_to_its_trace(admin_client: Client) -> None:
    trace = a_request()
    response = admin_client.get(TRACES, {"id": trace.trace_id.upper()})

    assert response.headers["Location"] == f"{TRACES}{trace.trace_id}/"


def test_a_begin_of_an_id_finds_it(admin_client: Client) -> None:
    one, other = a_request(trace_id="abcd5" + "0" * 27), a_request(trace_id="abcd6" + "f" * 27)

    assert found(admin_client, id="abcd5") == [one.trace_id]
    assert set(found(admin_client, id="ABCD")) == {one.trace_id, other.trace_id}
    assert found(admin_client, id="abc") == []
    assert "Nothing of that id has a trace here" in told(admin_client, id="zebra")


def test_a_job_is_found_by_its_id_and_by_its_number(admin_client: Client) -> None:
    job = a_job()
    own, working = a_job_trace(trace_id=job.trace_id), a_job_trace(job_id=job.pk)
    a_job_trace(job_id=job.pk + 1)

    assert set(found(admin_client, job=job.job_id)) == {own.trace_id, working.trace_id}
    assert set(found(admin_client, id=job.job_id)) == {own.trace_id, working.trace_id}
    assert found(admin_client, job=str(job.pk)) == [working.trace_id]


@pytest.mark.django_db(transaction=True)
def test_an_image_and_a_transaction_are_found_with_their_job(admin_client: Client) -> None:
    from tests.builders import image, ingested, jsonl, line

    file = ingested(jsonl([line(image(1))]))
    upload = ImageUpload.objects.create(image_id="photo-7", user_id="u", bucket="b", key="k", trace_id="7" * 32)
    job, row = a_job_trace(trace_id=file.job.trace_id), file.job.transactions.get()
    uploaded = a_trace(step("receive image", 0, 1), trace_id=upload.trace_id)

    assert found(admin_client, id=row.pk) == [job.trace_id]
    assert found(admin_client, id=row.trace_id) == [job.trace_id]
    assert found(admin_client, id="photo-7") == [uploaded.trace_id]


def test_a_letter_is_found_by_its_number_and_its_trace(admin_client: Client) -> None:
    job = a_job()
    kept = a_job_trace(job_id=job.pk)
    letter = DeadLetter.objects.create(
        kind="line", code="c", message="m", group_id="00" * 8, job=job, trace_id="9" * 32
    )

    assert found(admin_client, id=str(letter.pk)) == [kept.trace_id]
    assert found(admin_client, id=letter.trace_id) == [kept.trace_id]


def test_what_somebody_may_not_see_is_not_found_by_its_id(db: None) -> None:
    job = a_job()
    a_job_trace(trace_id=job.trace_id)

    assert found(signed_in("view_trace"), id=job.job_id) == []


def test_what_is_known_but_not_kept_is_said(admin_client: Client) -> None:
    assert "That is a known job, but no trace of it is kept" in told(admin_client, id=a_job().job_id)


def test_a_person_is_found_by_name(admin_client: Client) -> None:
    hanako = User.objects.create_user("hanako")
    hers = a_request(user_id=hanako.pk)
    a_request(user_id=hanako.pk + 1)

    assert found(admin_client, user="hanako") == found(admin_client, user=str(hanako.pk)) == [hers.trace_id]
    assert found(admin_client, user="nobody") == []


def test_durations_and_errors_bound_what_is_found(admin_client: Client) -> None:
    quick, slow = a_request(seconds=0.1), a_request(seconds=3)
    bad = a_trace(step("task", 0, 1, failed=True))

    assert found(admin_client, min="1500") == [slow.trace_id]
    assert found(admin_client, max="500") == [quick.trace_id]
    assert found(admin_client, errors="1") == [bad.trace_id]


def test_a_component_a_caller_and_a_step_are_those_of_any_span(admin_client: Client) -> None:
    page, job = a_request(), a_job_trace()

    assert found(admin_client, component="storage") == [page.trace_id]
    assert set(found(admin_client, component="database")) == {page.trace_id, job.trace_id}
    assert found(admin_client, component="database", caller="worker") == [job.trace_id]
    assert found(admin_client, name="COPY batches_transaction") == [job.trace_id]
    assert found(admin_client, name="COPY") == []


def test_errors_of_a_component_are_its_own(admin_client: Client) -> None:
    """The agreed address behind a number: the failing calls of that component, not traces that failed elsewhere."""
    storage = a_trace(step("task", 0, 1, [step("storage read", 0, 1, component="storage", failed=True)]))
    a_trace(step("task", 0, 1, [step("storage read", 0, 1, component="storage")], failed=True))
    minute = {"from": iso_minute(timezone.now() - timedelta(hours=1)), "to": iso_minute(timezone.now())}

    assert found(admin_client, component="storage", name="storage read", errors="1", **minute) == [storage.trace_id]


def test_a_step_of_that_time_is_found_in_a_trace_that_began_before(admin_client: Client) -> None:
    long = a_trace(step("job", 0, 7000, [step("late", 6900, 5, component="storage")]), at=a_moment(120))

    assert found(admin_client, name="late", range="1h") == [long.trace_id]
    assert found(admin_client, range="1h") == []


def test_text_is_looked_for_in_steps_messages_and_the_log(admin_client: Client) -> None:
    named = a_trace(step("task catalog.make_renditions", 0, 1))
    failed = a_trace(step("task", 0, 1, failed=True, message="ConnectionReset: peer 100%_gone"))
    logged = a_request()
    a_line(logged, "letter_buried")

    assert found(admin_client, q="RENDITIONS") == [named.trace_id]
    assert found(admin_client, q="100%_gone") == [failed.trace_id]
    assert found(admin_client, q="_buri") == [logged.trace_id]
    assert found(admin_client, q="100_") == []


def test_the_time_bounds_what_is_found(admin_client: Client) -> None:
    old = a_request(a_moment(60 * 30))
    span = {"from": iso_minute(old.started_at), "to": iso_minute(old.started_at + timedelta(minutes=2))}

    assert found(admin_client) == []
    assert found(admin_client, range="7d") == found(admin_client, **span) == [old.trace_id]


def test_pages_follow_each_other_without_gap_or_repetition(admin_client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(search, "A_PAGE", 4)
    same = a_moment(3)
    made = {a_request(same, 0.5).trace_id for _ in range(6)} | {a_request().trace_id for _ in range(5)}
    for asked in ({}, {"order": "slowest"}, {"component": "storage"}):
        seen, url = [], "?" + "&".join(f"{name}={value}" for name, value in asked.items())
        while url:
            response = admin_client.get(TRACES + url)
            seen += [trace.trace_id for trace in response.context["found"].traces]
            url = response.context["next_url"]
        assert (len(seen), set(seen)) == (11, made), asked


def test_a_trace_past_midnight_is_one(admin_client: Client) -> None:
    midnight = timezone.now().astimezone(tz=None).replace(hour=0, minute=0, second=0, microsecond=0)
    first = a_trace(step("job", 0, 5), at=midnight - timedelta(days=1, minutes=2))
    a_trace(step("late", 0, 5, failed=True), at=midnight - timedelta(hours=12), trace_id=first.trace_id)
    assert Trace.objects.filter(trace_id=first.trace_id).count() == 2

    response = admin_client.get(TRACES, {"range": "7d"})
    (one,) = response.context["found"].traces

    assert (one.name, one.spans, one.errors) == ("job", 2, 1)
    assert one.seconds > 12 * 3600 - 600


def test_a_search_that_stopped_early_says_where(admin_client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(candidates, "TRACES", 2)
    made = [a_request(a_moment(minutes)) for minutes in (1, 3, 5)]
    response = admin_client.get(TRACES, {"component": "web"})
    text = text_of(response)

    assert [trace.trace_id for trace in response.context["found"].traces] == [made[0].trace_id, made[1].trace_id]
    assert "Look through older ones" in text
    older = admin_client.get(TRACES + response.context["older_url"])
    assert [trace.trace_id for trace in older.context["found"].traces] == [made[2].trace_id]


def test_what_cannot_be_read_is_said(admin_client: Client) -> None:
    trace = a_request()
    text = told(admin_client, component="moon", min="soon", **{"from": "yesterday"})

    for sentence in ("“moon” is no component", "“soon” is no duration", "“yesterday” is no time for “from”"):
        assert sentence in text
    assert found(admin_client, after="~~", min="nan", max="-1") == [trace.trace_id]


def test_the_cost_does_not_grow_with_what_is_found(admin_client: Client, django_assert_max_num_queries: Any) -> None:
    for _ in range(30):
        a_request()
    for asked in ({}, {"q": "storage"}, {"component": "web", "errors": "0", "id": "abcdef"}):
        with django_assert_max_num_queries(BUDGET):
            admin_client.get(TRACES, asked)


def test_an_empty_list_says_so(admin_client: Client) -> None:
    assert "No trace was kept in this time." in told(admin_client)
    assert "No kept trace is like this." in told(admin_client, min="10")


def test_only_whoever_may_see_traces(client: Client) -> None:
    assert client.get(TRACES).status_code == 302
    assert signed_in("view_job").get(TRACES).status_code == 403
    assert signed_in("view_trace", name="reader").get(TRACES).status_code == 200
