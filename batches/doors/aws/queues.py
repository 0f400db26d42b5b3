"""The queue of the bucket's events, and its dead-letter queue (Y1, Y11)."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError
from django.conf import settings

from batches.doors.aws.account import Account
from batches.doors.aws.part import differing, has_statement, with_statement

GONE = {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}
DAY = 86_400
RECEIVES = 3


class _Queue:
    """A queue and its attributes."""

    def __init__(self, account: Account) -> None:
        self._account = account

    @property
    def name(self) -> str:
        raise NotImplementedError

    def wanted(self) -> dict[str, str]:
        raise NotImplementedError

    def differences(self) -> list[str]:
        if (present := self.present()) is None:
            return [f"Queue {self.name} does not exist."]
        return differing(f"Queue {self.name}", present, self.wanted())

    def put(self) -> None:
        present = self.present()
        if present is None:
            self._account.sqs.create_queue(QueueName=self.name, Attributes=self.wanted())
        else:
            self._account.sqs.set_queue_attributes(QueueUrl=self.url, Attributes=self.wanted())

    @property
    def url(self) -> str:
        return str(self._account.sqs.get_queue_url(QueueName=self.name)["QueueUrl"])

    def present(self) -> dict[str, str] | None:
        try:
            told = self._account.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])
        except ClientError as fault:
            if fault.response["Error"]["Code"] in GONE:
                return None
            raise
        return dict(told["Attributes"])


class DeadLetterQueue(_Queue):
    """14 days, of which a message has used up those it spent in the queue before."""

    @property
    def name(self) -> str:
        return self._account.names.dead_queue

    def wanted(self) -> dict[str, str]:
        return {"MessageRetentionPeriod": str(14 * DAY)}


class EventQueue(_Queue):
    """Third time unlucky: dead. Four days: far fewer than in the dead-letter queue, where the same clock runs on."""

    @property
    def name(self) -> str:
        return self._account.names.queue

    def wanted(self) -> dict[str, str]:
        redrive = {
            "deadLetterTargetArn": self._account.queue_arn(self._account.names.dead_queue),
            "maxReceiveCount": str(RECEIVES),
        }
        return {
            "VisibilityTimeout": str(settings.EVENT_VISIBILITY_SECONDS),
            "ReceiveMessageWaitTimeSeconds": "20",
            "MessageRetentionPeriod": str(4 * DAY),
            "RedrivePolicy": json.dumps(redrive),
        }


class QueuePolicy:
    """The topic, and nobody else through this statement, may send to the queue."""

    def __init__(self, account: Account, queue: EventQueue) -> None:
        self._account, self._queue = account, queue

    def differences(self) -> list[str]:
        if has_statement(self._policy(), self._statement()):
            return []
        return [f"Queue {self._queue.name}: topic {self._account.names.topic} may not send to it."]

    def put(self) -> None:
        policy = with_statement(self._policy(), self._statement())
        self._account.sqs.set_queue_attributes(QueueUrl=self._queue.url, Attributes={"Policy": policy})

    def _policy(self) -> str:
        return (self._queue.present() or {}).get("Policy", "")

    def _statement(self) -> dict[str, Any]:
        return {
            "Sid": "nightshelf-topic",
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": self._account.queue_arn(self._queue.name),
            "Condition": {"ArnEquals": {"aws:SourceArn": self._account.topic_arn}},
        }
