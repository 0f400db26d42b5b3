"""One trace through real processes: uploaded in a browser, worked on by children that end after each task, moved."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet
from django.urls import reverse

from batches.models import Chunk, ImageUpload, Job
from monitoring.models import LogLine, Span, Trace
from tests.faults.night import a_night
from tests.faults.site import Site
from tests.faults.web import Visitor, free_port
from tests.moves import USER, uploaded
from tests.stored_spans import stored

PASSWORD = "night-shelf-42"
WHO = "sachiko.tanaka"


@pytest.fixture
def visitor(site: Site) -> Visitor:
    site.environment["TRACE_FLUSH_SECONDS"] = "0.2"
    port = free_port()
    site.web(port)
    # As the site hashes: the tests' own way is quicker, and unknown to it.
    hashed = PBKDF2PasswordHasher().encode(PASSWORD, "salt")
    User.objects.create(username=WHO, password=hashed, is_staff=True, is_superuser=True)
    return Visitor(f"http://127.0.0.1:{port}", WHO, PASSWORD)


def test_an_upload_is_one_trace_to_its_last_image(site: Site, visitor: Visitor) -> None:
    night = a_night(lines=120)
    uploaded(range(3))
    content = SimpleUploadedFile("results.jsonl", night.content)
    visitor.get("/admin/batches/job/?q=whispered-words")
    visitor.post(
        reverse("admin:batches_upload"), {"file": content, "kind": "receipts", "user_id": "user-1", "job_id": night.job}
    )
    # Only a child's farewell stores what it did: the next time would be in ten minutes.
    site.worker("--max-tasks-per-child=1", TRACE_FLUSH_SECONDS="600")
    site.await_(lambda: ImageUpload.objects.filter(status="moved").count() == 3, "the images to be moved")
    job = Job.objects.get()
    site.await_(lambda: the_steps(job, "move").exists() and told_by_all(job), "the spans of all children")

    assert_whole(job)
    assert_nothing_personal()


def told_by_all(job: Job) -> bool:
    """Each child stores its own when it ends, in whatever order."""
    chunks, parents = Chunk.objects.count(), {span.span_id: span.parent_id for span in stored(job.trace_id)}
    whole = all(the_steps(job, step).count() >= chunks for step in ("chunk", "parse", "write"))
    return whole and all(parent in parents for parent in parents.values() if parent is not None)


def assert_whole(job: Job) -> None:
    chunks = Chunk.objects.count()
    assert chunks > 3
    assert {step: the_steps(job, step).count() for step in ("chunk", "parse", "write")} == dict.fromkeys(
        ("chunk", "parse", "write"), chunks
    )
    spans = {span.span_id: span for span in stored(job.trace_id)}
    (root,) = [span for span in spans.values() if span.parent_id is None]
    assert (root.name, root.component, root.kind) == (f"POST {reverse('admin:batches_upload')}", "web", "server")
    assert {span.caller for span in spans.values()} == {"web", "worker"}
    assert {span.component for span in spans.values()} == {"web", "worker", "database", "storage", "queue"}
    assert all(span.parent_id in spans for span in spans.values() if span is not root)
    (tasks, senders) = ([s for s in spans.values() if s.kind == kind] for kind in ("consumer", "producer"))
    assert {task.parent_id for task in tasks} <= {sender.span_id for sender in senders}
    assert tasks
    assert len({span.instance for span in spans.values()}) > 2


def assert_nothing_personal() -> None:
    texts = [json.dumps(row, default=str) for model in (Span, LogLine, Trace) for row in model.objects.values()]
    assert len(texts) > 50
    for secret in (PASSWORD, WHO, USER, "user-1", "whispered", "csrf", "sessionid", "pbkdf2"):
        assert not [text for text in texts if secret in text], secret


def the_steps(job: Job, name: str) -> QuerySet[Span]:
    return Span.objects.filter(trace_id=job.trace_id, name=name)
