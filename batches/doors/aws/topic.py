"""The topic between bucket and queue: others may subscribe to the same events."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from batches.doors.aws.account import Account
from batches.doors.aws.part import has_statement, with_statement


class Topic:
    """Exists, and the bucket may publish to it."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def differences(self) -> list[str]:
        name, bucket = self._account.names.topic, self._account.bucket
        if (policy := self._policy()) is None:
            return [f"Topic {name} does not exist."]
        return [] if has_statement(policy, self._statement()) else [f"Topic {name}: bucket {bucket} may not publish."]

    def put(self) -> None:
        self._account.sns.create_topic(Name=self._account.names.topic)  # one that is there stays as it is
        policy = with_statement(self._policy() or "", self._statement())
        self._account.sns.set_topic_attributes(
            TopicArn=self._account.topic_arn, AttributeName="Policy", AttributeValue=policy
        )

    def _policy(self) -> str | None:
        try:
            told = self._account.sns.get_topic_attributes(TopicArn=self._account.topic_arn)
        except ClientError as fault:
            if fault.response["Error"]["Code"] in {"NotFound", "NotFoundException"}:
                return None
            raise
        return str(told["Attributes"].get("Policy", ""))

    def _statement(self) -> dict[str, Any]:
        return {
            "Sid": "nightshelf-bucket",
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": self._account.topic_arn,
            # The account as well: a bucket's name says nothing about whose it is.
            "Condition": {
                "ArnLike": {"aws:SourceArn": self._account.bucket_arn},
                "StringEquals": {"aws:SourceAccount": self._account.id},
            },
        }


class Subscription:
    """The queue gets what the topic gets."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._endpoint = account.queue_arn(account.names.queue)

    def differences(self) -> list[str]:
        names = self._account.names
        return [] if self._exists() else [f"Topic {names.topic}: queue {names.queue} is not subscribed to it."]

    def put(self) -> None:
        self._account.sns.subscribe(TopicArn=self._account.topic_arn, Protocol="sqs", Endpoint=self._endpoint)

    def _exists(self) -> bool:
        pages = self._account.sns.get_paginator("list_subscriptions_by_topic")
        try:
            return any(
                subscription["Endpoint"] == self._endpoint
                for page in pages.paginate(TopicArn=self._account.topic_arn)
                for subscription in page["Subscriptions"]
            )
        except ClientError as fault:
            if fault.response["Error"]["Code"] in {"NotFound", "NotFoundException"}:
                return False
            raise
