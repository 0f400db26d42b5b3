"""The bucket announces what is created under our two prefixes.

S3 replaces a bucket's whole notification configuration: what others have in it is read, and written back with ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings

from batches.doors.aws.account import Account
from batches.doors.aws.part import Refused

CREATED = "s3:ObjectCreated:*"
KINDS = ("TopicConfigurations", "QueueConfigurations", "LambdaFunctionConfigurations")


class Notifications:
    def __init__(self, account: Account) -> None:
        self._account = account

    def differences(self) -> list[str]:
        present = {told.get("Id"): told for told in self._configuration().get("TopicConfigurations", ())}
        return [
            f"Bucket {self._account.bucket}: what is created under {_prefix(wanted)} is not announced to topic"
            f" {self._account.names.topic}."
            for wanted in self._wanted()
            if wanted["Id"] not in present or not _same(present[wanted["Id"]], wanted)
        ]

    def put(self) -> None:
        configuration, wanted = self._configuration(), self._wanted()
        ours = {one["Id"] for one in wanted}
        others = [told for told in configuration.get("TopicConfigurations", ()) if told.get("Id") not in ours]
        self._account.s3.put_bucket_notification_configuration(
            Bucket=self._account.bucket,
            NotificationConfiguration={**configuration, "TopicConfigurations": [*others, *wanted]},
        )

    def _configuration(self) -> dict[str, Any]:
        told = self._account.s3.get_bucket_notification_configuration(Bucket=self._account.bucket)
        # EventBridge's part is empty, and switched on by being there.
        return {name: told[name] for name in (*KINDS, "EventBridgeConfiguration") if name in told}

    def _wanted(self) -> list[dict[str, Any]]:
        prefixes = {"nightshelf-results": settings.RESULT_PREFIX, "nightshelf-uploads": settings.UPLOAD_PREFIX}
        return [
            {
                "Id": name,
                "TopicArn": self._account.topic_arn,
                "Events": [CREATED],
                "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}},
            }
            for name, prefix in prefixes.items()
        ]

    def refuse_overlap(self) -> None:
        """S3 lets an event of a key go to one place. Asked before anything is changed anywhere."""
        for told in _others(self._configuration(), {one["Id"] for one in self._wanted()}):
            prefix = _prefix(told)
            for mine in (settings.RESULT_PREFIX, settings.UPLOAD_PREFIX):
                if mine.startswith(prefix) or prefix.startswith(mine):
                    raise Refused(
                        f"Bucket {self._account.bucket} announces what is created under {prefix or 'any key'!r} to"
                        f" {_target(told)} already (notification {told.get('Id', '')!r}), and S3 allows one target for"
                        f" a key. Take it away, or subscribe queue {self._account.names.queue} to where it goes."
                    )


def _others(configuration: dict[str, Any], ours: set[str]) -> Iterator[dict[str, Any]]:
    for kind in KINDS:
        for told in configuration.get(kind, ()):
            if told.get("Id") not in ours and any(event.startswith("s3:ObjectCreated:") for event in told["Events"]):
                yield told


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    names = ("TopicArn", "Events")
    return all(one[name] == other[name] for name in names) and _rules(one) == _rules(other)


def _prefix(told: dict[str, Any]) -> str:
    return _rules(told).get("prefix", "")


def _rules(told: dict[str, Any]) -> dict[str, str]:
    """S3 answers `Prefix` where `prefix` was said."""
    rules = told.get("Filter", {}).get("Key", {}).get("FilterRules", ())
    return {rule["Name"].lower(): rule["Value"] for rule in rules}


def _target(told: dict[str, Any]) -> str:
    return next(
        (told[name] for name in ("TopicArn", "QueueArn", "LambdaFunctionArn") if name in told), "another target"
    )
