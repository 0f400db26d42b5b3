"""The account that the credentials are of, and how our parts are called in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.files.storage import storages

from batches.doors.aws.part import Refused
from batches.doors.sqs import client
from storage.s3 import RangedS3Storage


@dataclass(frozen=True)
class Names:
    """By default all begin alike; a queue that the settings name is taken as it is called there."""

    topic: str
    queue: str
    dead_queue: str


def names(prefix: str) -> Names:
    def called(url: str, name: str) -> str:
        return url.rstrip("/").rpartition("/")[2] or name

    queue = called(settings.EVENT_QUEUE_URL, f"{prefix}-events")
    return Names(f"{prefix}-events", queue, called(settings.EVENT_DLQ_URL, f"{queue}-dead"))


class Account:
    def __init__(self, prefix: str) -> None:
        storage = storages["default"]
        if not isinstance(storage, RangedS3Storage):
            raise Refused("STORAGE_BUCKET is not set: there is no bucket whose events could be announced.")
        self.names = names(prefix)
        self.bucket = storage.bucket_name
        self.s3: Any = storage.client
        self.sqs, self.sns = client("sqs"), client("sns")

    def queue_arn(self, name: str) -> str:
        return f"arn:{self._partition}:sqs:{self.sqs.meta.region_name}:{self.id}:{name}"

    @cached_property
    def topic_arn(self) -> str:
        return f"arn:{self._partition}:sns:{self.sns.meta.region_name}:{self.id}:{self.names.topic}"

    @cached_property
    def bucket_arn(self) -> str:
        return f"arn:{self._partition}:s3:::{self.bucket}"

    @cached_property
    def id(self) -> str:
        return str(self._identity["Account"])

    @cached_property
    def _partition(self) -> str:
        return str(self._identity["Arn"]).split(":")[1]  # aws, aws-cn, aws-us-gov

    @cached_property
    def _identity(self) -> dict[str, Any]:
        return dict(client("sts").get_caller_identity())
