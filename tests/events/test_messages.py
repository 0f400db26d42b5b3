"""Messages into rows: what S3 announces, what arrives twice, and what is none of ours."""

from __future__ import annotations

import json
import logging

import pytest

from batches.event_outcome import EventOutcome
from batches.models import DeadLetter, ImageUpload, Job, ResultFile
from tests.builders import a_job, counts, ids, ids_of, receipts, run_all, the_letter
from tests.events.cloud import Cloud, envelope, event, outcomes, record

pytestmark = pytest.mark.django_db(transaction=True)

RESULT = "batch-output/job-1/output.jsonl"


def test_from_the_bucket_to_rows(cloud: Cloud) -> None:
    a_job()
    cloud.put(RESULT, receipts(range(5)))
    cloud.put(
        "batch-output/job-1/manifest.json.out",
        b'{"totalRecordCount": 5, "successRecordCount": 5, "errorRecordCount": 0}',
    )
    cloud.put("uploads/user-1/1763542800000-IMG_0001.jpg", b"picture")

    cloud.work_all()
    run_all()

    assert ids() == ids_of(range(5))
    assert counts() == {"inserted": 5}
    file = ResultFile.objects.get()
    assert (file.door, file.bucket, file.key) == ("event", cloud.bucket, RESULT)
    assert Job.objects.exclude(manifest=None).count() == 1
    upload = ImageUpload.objects.get()
    assert (upload.image_id, upload.user_id, upload.bucket, upload.status) == (
        "IMG_0001",
        "user-1",
        cloud.bucket,
        "uploaded",
    )
    assert cloud.depth() == (0, 0)
    assert outcomes() == {EventOutcome.TAKEN_IN: 3}


def test_a_key_with_a_space_a_plus_and_a_percent_sign(cloud: Cloud) -> None:
    keys = [f"uploads/user 1/{name}.png" for name in ("my receipt", "a+b", "100%", "レシート", "a%2Fb")]
    for key in keys:
        cloud.put(key)

    cloud.work_all()

    assert set(ImageUpload.objects.values_list("key", flat=True)) == set(keys)


def test_raw_messages_as_well_as_envelopes(cloud: Cloud) -> None:
    cloud.put_silently("uploads/u/1.png")
    cloud.put_silently("uploads/u/2.png")
    cloud.send(event(record("uploads/u/1.png", cloud.bucket)))
    cloud.send(envelope(event(record("uploads/u/2.png", cloud.bucket))))

    cloud.work_all()

    assert ImageUpload.objects.count() == 2


@pytest.mark.parametrize(
    ("metadata", "trace"),
    [
        ({"trace_id": "0af7651916cd43dd8448eb211c80319c"}, "0af7651916cd43dd8448eb211c80319c"),
        ({"trace_id": "0AF7651916CD43DD8448EB211C80319C"}, "0af7651916cd43dd8448eb211c80319c"),
        (
            {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
            "4bf92f3577b34da6a3ce929d0e0e4736",
        ),
    ],
)
def test_the_trace_that_the_uploader_began(cloud: Cloud, metadata: dict[str, str], trace: str) -> None:
    cloud.put("uploads/u/1.png", **metadata)

    cloud.work_all()

    assert ImageUpload.objects.get().trace_id == trace


@pytest.mark.parametrize("metadata", [{}, {"trace_id": "0" * 32}, {"trace_id": "mine"}, {"traceparent": "00-1-2-3"}])
def test_without_a_usable_trace_a_new_one_begins(cloud: Cloud, metadata: dict[str, str]) -> None:
    cloud.put("uploads/u/1.png", **metadata)
    cloud.put("uploads/u/2.png", **metadata)

    cloud.work_all()

    traces = set(ImageUpload.objects.values_list("trace_id", flat=True))
    assert len(traces) == 2
    assert all(len(trace) == 32 and trace != "0" * 32 for trace in traces)


def test_an_image_may_bring_its_id(cloud: Cloud) -> None:
    cloud.put("uploads/u/1763542800000-a.png", image_id="img-42")

    cloud.work_all()

    assert ImageUpload.objects.get().image_id == "img-42"


def test_pictures_of_the_same_name_are_told_apart(cloud: Cloud) -> None:
    for user, moment in (("u1", "1763542800000"), ("u2", "1763542800000"), ("u1", "1763542800001")):
        cloud.put(f"uploads/{user}/{moment}-IMG_0001.jpg")

    cloud.work_all()
    cloud.work_all()

    found = sorted(ImageUpload.objects.values_list("image_id", flat=True), key=len)
    assert found[0] == "IMG_0001"
    assert all(len(image_id) == len("IMG_0001-") + 16 for image_id in found[1:])
    assert len(set(found)) == 3


def test_an_id_that_is_anothers_is_a_letter(cloud: Cloud) -> None:
    cloud.put("uploads/u/1.png", image_id="img-42")
    cloud.put("uploads/u/2.png", image_id="img-42")

    cloud.work_all()

    assert ImageUpload.objects.count() == 1
    letter = the_letter()
    assert (letter.code, letter.source.partition("@")[0]) == ("image_id_taken", f"{cloud.bucket}/uploads/u/2.png")


def test_the_same_event_again_changes_nothing(cloud: Cloud) -> None:
    """S3 may announce an object twice, and a redrive gives the message a new id."""
    a_job()
    cloud.put(RESULT, receipts(range(5)))
    cloud.put("uploads/u/1.png")
    cloud.work_all()
    version = ResultFile.objects.get().version
    before = list(ImageUpload.objects.values())
    cloud.announce(RESULT, "uploads/u/1.png", version=version)
    cloud.announce(RESULT, "uploads/u/1.png", version=version)

    cloud.work_all()
    run_all()

    assert ResultFile.objects.count() == 1
    assert list(ImageUpload.objects.values()) == before
    assert counts() == {"inserted": 5}
    assert outcomes() == {EventOutcome.TAKEN_IN: 2, EventOutcome.KNOWN: 4}


def test_a_late_event_about_an_older_version_takes_in_what_is_there_now(cloud: Cloud) -> None:
    a_job()
    cloud.put(RESULT, receipts(range(5)))
    cloud.put(RESULT, receipts(range(3, 8)))  # both events wait in the queue, in whatever order

    cloud.work_all()
    run_all()

    assert ResultFile.objects.count() == 1
    assert ids() == ids_of(range(3, 8))


def test_what_is_none_of_ours_is_ignored(cloud: Cloud) -> None:
    cloud.put_silently("uploads/u/1.png")
    test_event = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": cloud.bucket})
    cloud.send(test_event)
    cloud.send(envelope(test_event))
    cloud.announce("processed/2026-11-19/1.png", "dead-letters/job-1/1.json", "batch-input/x.jsonl", "uploads/u/")
    cloud.send(event(record("uploads/u/1.png", cloud.bucket, name="ObjectRemoved:Delete")))

    cloud.work_all()

    assert not DeadLetter.objects.exists()
    assert not ImageUpload.objects.exists()
    assert outcomes() == {EventOutcome.IGNORED: 5}


def test_setting_up_sends_a_test_event_that_is_ignored(cloud: Cloud) -> None:
    cloud.put_silently("uploads/u/1.png")
    notifications = cloud.s3.get_bucket_notification_configuration(Bucket=cloud.bucket)
    notifications.pop("ResponseMetadata")
    cloud._notify(notifications)
    assert cloud.depth()[0] > 0

    cloud.work_all()

    assert not DeadLetter.objects.exists()


def test_an_event_of_another_bucket_opens_nothing(cloud: Cloud) -> None:
    cloud.s3.create_bucket(
        Bucket=f"{cloud.name}-theirs", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
    )
    cloud.s3.put_object(Bucket=f"{cloud.name}-theirs", Key=RESULT, Body=receipts([1]))
    a_job()
    cloud.announce(RESULT, bucket=f"{cloud.name}-theirs")

    cloud.work_all()

    assert the_letter().code == "foreign_bucket"
    assert not ResultFile.objects.exists()


def test_one_line_for_each_message_with_its_ids(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    a_job()
    cloud.put(RESULT, receipts([1]))
    cloud.put("uploads/tanaka/1763542800000-a.png", trace_id="0af7651916cd43dd8448eb211c80319c")

    with caplog.at_level(logging.INFO):
        cloud.work_all()

    lines = [line for line in caplog.records if line.getMessage() == "event_message"]
    told = {key: line.__dict__[key] for line in lines for key in ("jobs", "images", "traces") if key in line.__dict__}
    assert len(lines) == 2
    assert (told["jobs"], told["images"]) == (["job-1"], ["a"])
    assert all(line.__dict__["taken_in"] == 1 and line.__dict__["receives"] == 1 for line in lines)
    assert not any("tanaka" in str(line.__dict__) for line in lines)
