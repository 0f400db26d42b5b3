"""A bucket, its topic and its queues, as a test uses them."""

from __future__ import annotations

import json
import threading
from functools import cached_property
from typing import Any
from urllib.parse import quote_plus

from pytest_django import Settings

from batches.doors.consume import work_batch
from batches.doors.sqs import Depth, SqsQueue, _session
from batches.models import EventCount

REGION = "ap-northeast-1"


class Cloud:
    def __init__(self, url: str, name: str) -> None:
        self.url, self.name, self.bucket = url, name, f"{name}-bucket"
        self.queue_url = self.dead_url = ""
        self._queues: dict[str, SqsQueue] = {}

    @cached_property
    def s3(self) -> Any:
        return self._client("s3")

    @cached_property
    def sqs(self) -> Any:
        return self._client("sqs")

    @cached_property
    def sns(self) -> Any:
        return self._client("sns")

    def configure(self, settings: Settings) -> None:
        options = {"bucket_name": self.bucket, "endpoint_url": self.url, "region_name": REGION, "default_acl": None}
        backend = {"BACKEND": "storage.s3.RangedS3Storage", "OPTIONS": options}
        settings.STORAGES = {**settings.STORAGES, "default": backend}
        settings.STORAGE_BUCKET = self.bucket
        settings.EVENT_ENDPOINT_URL, settings.EVENT_REGION = self.url, REGION
        settings.EVENT_WAIT_SECONDS = 1

    def use_queues(self, queue_url: str, dead_url: str, settings: Settings) -> None:
        self.queue_url = settings.EVENT_QUEUE_URL = queue_url
        self.dead_url = settings.EVENT_DLQ_URL = dead_url

    @property
    def environment(self) -> dict[str, str]:
        """For processes of their own, beside the AWS_… that the test has set."""
        return {
            "STORAGE_BUCKET": self.bucket,
            "STORAGE_ENDPOINT_URL": self.url,
            "STORAGE_REGION": REGION,
            "EVENT_ENDPOINT_URL": self.url,
            "EVENT_QUEUE_URL": self.queue_url,
            "EVENT_DLQ_URL": self.dead_url,
            "EVENT_WAIT_SECONDS": "1",
        }

    # --- The outside ---

    def put(self, key: str, content: bytes = b"x", /, **metadata: str) -> None:
        """An object lands, and S3 announces it."""
        named = {name.replace("_", "-"): value for name, value in metadata.items()}
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=content, Metadata=named)

    def put_silently(self, key: str, content: bytes = b"x", /, **metadata: str) -> None:
        """An object lands, and its event is lost."""
        before = self.s3.get_bucket_notification_configuration(Bucket=self.bucket)
        before.pop("ResponseMetadata")
        self._notify({})
        self.put(key, content, **metadata)
        self._notify(before)
        self.empty()

    def send(self, body: str) -> str:
        """A message that did not come from S3; its id."""
        return str(self.sqs.send_message(QueueUrl=self.queue_url, MessageBody=body)["MessageId"])

    def announce(self, *keys: str, bucket: str = "", version: str = "0" * 32) -> str:
        return self.send(event(*[record(key, bucket or self.bucket, version) for key in keys]))

    def empty(self) -> None:
        """Take what waits in the queue away, such as S3's test events. (SQS purges once a minute at most.)"""
        queue = self.queue()
        while messages := queue.receive(wait=0, visibility=60):
            queue.delete(messages)

    # --- The inside ---

    def work(self) -> int:
        """One batch of messages, as a consumer works on it; how many messages that were."""
        return work_batch(self.queue(), threading.Event())

    def work_all(self) -> None:
        while self.depth(self.queue_url) != (0, 0):
            self.work()

    def depth(self, url: str = "") -> Depth:
        return self.queue(url).depth()

    def queue(self, url: str = "") -> SqsQueue:
        url = url or self.queue_url
        if url not in self._queues:
            self._queues[url] = SqsQueue(url)
        return self._queues[url]

    def _notify(self, configuration: dict[str, Any]) -> None:
        self.s3.put_bucket_notification_configuration(Bucket=self.bucket, NotificationConfiguration=configuration)

    def _client(self, service: Any) -> Any:
        return _session().client(service, endpoint_url=self.url, region_name=REGION)


def record(key: str, bucket: str, version: str = "0" * 32, name: str = "ObjectCreated:Put") -> dict[str, Any]:
    """As S3 writes it; the key as it is, to be encoded here."""
    thing = {"key": quote_plus(key), "size": 1, "eTag": version, "sequencer": "00"}
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": "2026-11-19T00:00:00.000Z",
        "eventName": name,
        "userIdentity": {"principalId": "AWS:AROA"},
        "requestParameters": {"sourceIPAddress": "192.0.2.1"},
        "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"}, "object": thing},
    }


def event(*records: Any) -> str:
    return json.dumps({"Records": records})


def envelope(message: str) -> str:
    return json.dumps(
        {
            "Type": "Notification",
            "MessageId": "7c1a",
            "TopicArn": f"arn:aws:sns:{REGION}:123456789012:events",
            "Message": message,
            "Timestamp": "2026-11-19T00:00:00.000Z",
            "SignatureVersion": "1",
            "Signature": "c2lnbmVk",
            "UnsubscribeURL": "https://sns.example.com/?Action=Unsubscribe&SubscriptionArn=arn",
        }
    )


def outcomes() -> dict[str, int]:
    return dict(EventCount.objects.values_list("outcome", "count"))
