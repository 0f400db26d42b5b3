"""A batch is one trace, from the job's opening to the last image moved; a redrive is another one, linked both ways."""

from __future__ import annotations

import pytest

from batches.models import DeadLetter, Job, Redrive
from batches.moves.work import move
from monitoring.models import Span, Trace
from tests.builders import JOB, ingested, receipts, taken_in
from tests.moves import uploaded
from tests.redrives import dead_letters, run_redrives, started
from tests.stored_spans import names, stored, the_span

pytestmark = pytest.mark.django_db(transaction=True)


def the_trace() -> str:
    return str(Job.objects.get(job_id=JOB).trace_id)


def ids(span: Span) -> dict[str, str]:
    return {"trace_id": span.trace_id, "span_id": span.span_id}


def test_a_batch_is_one_trace() -> None:
    uploaded(range(3))
    ingested(receipts(range(3)))
    move()

    found = names(the_trace())
    steps = ("open job", "receive", "split", "claim", "chunk", "parse", "write", "move")
    assert {step: found[step] for step in steps} == dict.fromkeys(steps, 1)
    assert found["finish"] == 2  # asked when the file came, and when its chunk was done
    assert found["COPY batches_transaction"] == found["storage.read"] == found["storage.delete"] == 1
    assert found["storage.copy"] == 3
    assert set(stored(the_trace()).values_list("job_id", flat=True)) == {Job.objects.get().pk}


def test_every_span_of_it_hangs_on_the_jobs_opening() -> None:
    uploaded(range(3))
    ingested(receipts(range(3)))
    move()

    spans = {span.span_id: span for span in stored(the_trace())}
    roots = [span.name for span in spans.values() if span.parent_id not in spans]
    assert roots == ["open job"]


def test_the_sum_of_it_is_kept_by_trace() -> None:
    ingested(receipts(range(3)))
    spans = list(stored(the_trace()))

    trace = Trace.objects.get(trace_id=the_trace())
    assert (trace.name, trace.component, trace.spans, trace.errors) == ("open job", "command", len(spans), 0)
    assert trace.started_at == spans[0].started_at
    assert trace.seconds == pytest.approx((trace.ended_at - trace.started_at).total_seconds())
    assert trace.job_id == spans[0].job_id


def test_the_images_traces_are_linked() -> None:
    uploads = uploaded(range(3))
    ingested(receipts(range(3)))
    move()

    links = the_span("move", the_trace()).links
    assert {link["trace_id"] for link in links} == {upload.trace_id for upload in uploads}


def test_a_failing_chunk_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    from batches.pipeline import prepare
    from batches.pipeline.work import work

    def broken(_: object) -> None:
        raise ValueError("No such 'secret word' for taro@example.com")

    monkeypatch.setattr(prepare, "parse_chunk", broken)
    taken_in(receipts(range(2)))
    work()

    parse = stored(the_trace()).filter(name="parse").first()
    assert parse
    assert (parse.failed, parse.message) == (True, "ValueError: No such '…' for [left out]")
    assert Trace.objects.get(trace_id=the_trace()).errors >= 1


def test_a_redrive_and_its_letters_jobs_lead_to_each_other() -> None:
    dead_letters(2)
    redrive = started()
    run_redrives()

    redrive = Redrive.objects.get(pk=redrive.pk)
    assert redrive.trace_id != the_trace()
    there = stored(redrive.trace_id).filter(name="redrive").first()
    assert there
    assert the_trace() in {link["trace_id"] for link in there.links}
    back = the_span("redriven", the_trace())
    assert back.links == [ids(there)]
    assert back.attributes["letters"] == DeadLetter.objects.filter(kind="line", status="open").count() == 2
