"""A trace's page: every step in reach, bounded whatever the size, nothing of what was measured taken for markup."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from monitoring.models import Span, Trace
from monitoring.pages.traces import compare_page, found_by, leads_to
from monitoring.pages.traces.layout import BUDGET
from monitoring.pages.traces.leads_to import Link
from tests.integration.pages import signed_in, text_of
from tests.kept_traces import a_job_trace, a_line, a_request, a_span_id, a_trace, spans_of, step

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]
QUERIES = 15
ROW = re.compile(r'class="tr-row')


def address(trace: Trace, rest: str = "") -> str:
    return f"/admin/monitoring/traces/{trace.trace_id}/{rest}"


def names(html: str) -> list[str]:
    """Of the rows, in their order."""
    return re.findall(r'class="tr-name">.*?<a [^>]*>([^<]*)</a>', html)


def test_rows_are_nested_with_bars_in_their_places(admin_client: Client) -> None:
    html = text_of(admin_client.get(address(a_request(seconds=1.0))))

    assert names(html) == ["GET /admin/batches/job/", "SELECT batches_job", "storage read"]
    assert "left: 33.333%; width: 33.333%" in html
    assert html.count('<details class="tr-tree" open>') == 1
    assert html.count("<details") == html.count("</details>")


def test_a_wrong_id_is_a_sentence(admin_client: Client) -> None:
    for wrong in (uuid.uuid4().hex, "abc", "<script>alert(1)</script>"[:20], "z" * 32):
        for rest in ("", "compare/", "rows/", f"span/{'0' * 16}/"):
            response = admin_client.get(f"/admin/monitoring/traces/{wrong}/{rest}")
            assert response.status_code == 404, wrong
            if "/" not in wrong:
                assert f"No trace {escape(wrong)} is kept." in text_of(response)


def test_only_whoever_may_see_traces(client: Client) -> None:
    trace = a_request()
    nobody = signed_in("view_job")
    for rest in ("", "compare/", "rows/", f"span/{'0' * 16}/"):
        assert client.get(address(trace, rest)).status_code == 302
        assert nobody.get(address(trace, rest)).status_code == 403


def test_what_was_measured_is_never_markup(admin_client: Client) -> None:
    attack = "<img src=x onerror=alert(1)>"
    trace = a_trace(step(attack, 0, 1, [step(attack, 0, 1, failed=True, message=attack, instance=attack,
                    attributes={attack: attack, "deep": {attack: [attack]}}, links=[{"trace_id": attack}])]),
                    step("a", 2, 1, instance=attack))  # fmt: skip
    bad = Span.objects.get(trace_id=trace.trace_id, failed=True)
    a_line(trace, attack, fields={attack: attack}, span_id=bad.span_id)
    a_trace(step(attack, 0, 1))
    for url in (
        address(trace, f"?span={bad.span_id}"),
        address(trace, f"?text={attack}&under={attack}&span={attack}"),
        address(trace, "compare/"),
        f"/admin/monitoring/traces/?q={attack}&name={attack}&id={attack}",
    ):
        html = text_of(admin_client.get(url))
        assert attack not in html, url
    assert escape(attack) in text_of(admin_client.get(address(trace, f"?span={bad.span_id}")))


def test_five_thousand_steps_are_a_bounded_page(admin_client: Client, django_assert_max_num_queries: Any) -> None:
    trace = a_job_trace(chunks=300, statements=16)
    assert trace.spans == 5101
    with django_assert_max_num_queries(QUERIES):
        html = text_of(admin_client.get(address(trace)))

    assert len(ROW.findall(html)) <= BUDGET
    assert len(html) < 700_000
    assert "300 × task batches.work" in html


def test_a_run_is_opened_by_itself_a_hundred_at_a_time(admin_client: Client) -> None:
    trace = a_job_trace(chunks=250, statements=16)
    more = re.findall(r'hx-get="([^"]*/rows/[^"]*)"', text_of(admin_client.get(address(trace))))
    seen, url = 0, more[0].replace("&amp;", "&")
    for _ in range(3):
        html = text_of(admin_client.get(url))
        assert len(ROW.findall(html)) <= BUDGET + 2
        seen += names(html).count("task batches.work")
        following = re.findall(r'hx-get="([^"]*)"[^>]*>\d+ more of them', html)
        url = following[0].replace("&amp;", "&") if following else ""
    assert (seen, url) == (250, "")


def test_without_scripts_a_run_is_a_page(admin_client: Client) -> None:
    trace = a_job_trace(chunks=30)
    (more,) = re.findall(r'<a href="(\?[^"]*)"[^>]*>30 × ', text_of(admin_client.get(address(trace))))

    assert names(text_of(admin_client.get(address(trace, more.replace("&amp;", "&"))))).count("task batches.work") == 30


def test_failed_steps_are_never_put_away(admin_client: Client) -> None:
    tasks = [step("task batches.work", n, 0.9, failed=n == 333, message="Killed") for n in range(500)]
    trace = a_trace(step("job", 0, 500, tasks))
    bad = Span.objects.get(trace_id=trace.trace_id, failed=True)
    html = text_of(admin_client.get(address(trace)))

    assert f'id="s-{bad.span_id}"' in html
    assert f'href="?span={bad.span_id}#s-{bad.span_id}"' in html
    assert "499 × task batches.work" in html


def test_steps_are_filtered_by_name_duration_and_errors(admin_client: Client) -> None:
    trace = a_trace(step("job", 0, 9, [step("short", 1, 0.1), step("long", 2, 5, [step("bad", 2, 0.1, failed=True)])]))

    assert names(text_of(admin_client.get(address(trace, "?text=SHORT")))) == ["job", "short"]
    assert names(text_of(admin_client.get(address(trace, "?least=1000")))) == ["job", "long"]
    assert names(text_of(admin_client.get(address(trace, "?errors=1")))) == ["job", "long", "bad"]
    assert "No step is like this." in text_of(admin_client.get(address(trace, "?text=nothing")))
    assert len(names(text_of(admin_client.get(address(trace, "?least=nan&levels=x&under=none"))))) == 4


def test_a_subtree_alone(admin_client: Client) -> None:
    trace = a_trace(step("job", 0, 9, [step("chunk", 2, 5, [step("copy", 3, 1)]), step("other", 8, 1)]))
    html = text_of(admin_client.get(address(trace, f"?under={spans_of(trace)['chunk'].span_id}")))

    assert names(html) == ["chunk", "copy"]
    assert "left: 20.000%; width: 20.000%" in html


def test_levels_are_folded(admin_client: Client) -> None:
    trace = a_trace(step("a", 0, 9, [step("b", 0, 9, [step("c", 0, 9)])]))

    assert text_of(admin_client.get(address(trace, "?levels=1"))).count('<details class="tr-tree" open>') == 0
    assert text_of(admin_client.get(address(trace, "?levels=2"))).count('<details class="tr-tree" open>') == 1
    assert text_of(admin_client.get(address(trace))).count('<details class="tr-tree" open>') == 2


def test_several_roots_and_lost_parents_are_shown(admin_client: Client) -> None:
    trace = a_trace(step("request", 0, 1), step("lost", 1, 1, parent_id=a_span_id()), step("second", 2, 1))
    html = text_of(admin_client.get(address(trace)))

    assert names(html) == ["request", "second", "lost"]
    assert "1 step has a parent that is not kept" in html


def test_a_clock_that_was_behind_is_said(admin_client: Client) -> None:
    trace = a_trace(step("request", 1, 2, [step("task", 0.25, 1, instance="far/worker/1")]))
    html = text_of(admin_client.get(address(trace, f"?span={spans_of(trace)['task'].span_id}")))

    assert "was 750 ms behind who asked it" in html
    assert "drawn 750 ms later" in html


def test_what_was_not_kept_is_said(admin_client: Client) -> None:
    trace = a_trace(step("task", 0, 1, attributes={"omitted": '{"database": 1300, "log": 4}'}),
                    step("task", 2, 1, attributes={"omitted": '{"database": 34, "spans": "x"}'}))  # fmt: skip
    html = text_of(admin_client.get(address(trace)))

    assert "1,334 calls to PostgreSQL not kept" in html
    assert "4 log lines not kept" in html


def test_a_step_is_told_in_full(admin_client: Client) -> None:
    trace = a_trace(step("storage read", 0, 1, failed=True, message="SlowDown", component="storage",
                         attributes={"bytes": 4096, "key": "a.jsonl"}))  # fmt: skip
    span = spans_of(trace)["storage read"]
    a_line(trace, "storage_slow", level="WARNING", span_id=span.span_id, fields={"key": "a.jsonl"})
    part = text_of(admin_client.get(address(trace, f"span/{span.span_id}/"), headers={"HX-Request": "true"}))

    for said in ("SlowDown", "4096", "a.jsonl", "storage_slow", "night/worker/0"):
        assert said in part
    assert "<html" not in part
    whole = admin_client.get(address(trace, f"span/{span.span_id}/"))
    assert whole.headers["Location"] == f"{address(trace)}?span={span.span_id}#span-panel"
    gone = admin_client.get(address(trace, f"span/{'0' * 16}/"), headers={"HX-Request": "true"})
    assert "of this trace is not kept" in text_of(gone)


def test_log_lines_are_in_the_order_of_time_and_bounded(admin_client: Client) -> None:
    trace = a_request()
    for number in range(203):
        a_line(trace, f"event_{number:03}", seconds=number / 1000)
    html = text_of(admin_client.get(address(trace)))
    found = re.findall(r"event_\d+", html)

    assert found == sorted(found)
    assert len(found) == 200
    assert re.findall(r"event_\d+", text_of(admin_client.get(address(trace, "?lines=200")))) == [
        "event_200", "event_201", "event_202",
    ]  # fmt: skip


def test_a_redrive_and_its_job_lead_to_each_other(admin_client: Client) -> None:
    job = a_job_trace()
    root = spans_of(job)["job"]
    redrive = a_trace(step("redrive", 0, 1, links=[{"trace_id": job.trace_id, "span_id": root.span_id},
                                                    {"trace_id": "9" * 32, "span_id": "0" * 16}]))  # fmt: skip
    there, back = text_of(admin_client.get(address(redrive))), text_of(admin_client.get(address(job)))

    assert "Goes back to" in there
    assert f'href="{address(job)}"' in there
    assert "9" * 32 in there
    assert "Came of it" in back
    assert f'href="{address(redrive)}"' in back


def test_apps_say_where_a_trace_leads(admin_client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(leads_to, "_makers", {})
    leads_to.register("test", lambda user, trace, job: [Link("Job", f"job {job}", "/there/")])

    assert '<a class="ns-link" href="/there/">job 7</a>' in text_of(admin_client.get(address(a_request(job_id=7))))
    assert {"job", "image", "transaction"} <= set(found_by.names())


def test_a_trace_is_compared_with_the_usual(admin_client: Client) -> None:
    usual = [a_request(seconds=0.2) for _ in range(5)]
    slow = a_request(seconds=2.0)
    a_trace(step("GET /other/", 0, 9))
    response = admin_client.get(address(slow, "compare/"))
    html = text_of(response)

    assert response.context["usual"] == pytest.approx(0.2)
    assert "of 5 traces" in html
    assert {row.name for row in response.context["slower"]} == {
        "GET /admin/batches/job/", "SELECT batches_job", "storage read",
    }  # fmt: skip
    assert not admin_client.get(address(usual[0], "compare/")).context["slower"]


def test_without_others_there_is_nothing_to_compare_with(admin_client: Client) -> None:
    assert "No other trace of this name is kept" in text_of(admin_client.get(address(a_request(), "compare/")))


def test_a_trace_past_midnight_is_whole(admin_client: Client) -> None:
    first = a_trace(step("job", 0, 5))
    a_trace(step("image move", 0, 5), at=first.started_at - timedelta(days=1), trace_id=first.trace_id)

    assert names(text_of(admin_client.get(address(first)))) == ["image move", "job"]


def test_of_long_traces_the_first_steps_are_compared(admin_client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(compare_page, "EACH", 2)
    a_request()

    assert "the first 2 steps each are compared" in text_of(admin_client.get(address(a_request(), "compare/")))
