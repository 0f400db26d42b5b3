"""Result files and moved images expire (Y9). Others' rules in the bucket stay: they are read, and written back."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError
from django.conf import settings

from batches.doors.aws.account import Account

DAYS = 30
PROCESSED_PREFIX = "processed/"


class Lifecycle:
    def __init__(self, account: Account) -> None:
        self._account = account

    def differences(self) -> list[str]:
        present = {rule.get("ID"): rule for rule in self._configuration().get("Rules", ())}
        return [
            f"Bucket {self._account.bucket}: objects under {rule['Filter']['Prefix']} do not expire after {DAYS} days."
            for rule in _wanted()
            if not _same(present.get(rule["ID"], {}), rule)
        ]

    def put(self) -> None:
        configuration, wanted = self._configuration(), _wanted()
        ours = {rule["ID"] for rule in wanted}
        others = [rule for rule in configuration.pop("Rules", ()) if rule.get("ID") not in ours]
        self._account.s3.put_bucket_lifecycle_configuration(
            Bucket=self._account.bucket, LifecycleConfiguration={"Rules": [*others, *wanted]}, **configuration
        )

    def _configuration(self) -> dict[str, Any]:
        try:
            told = self._account.s3.get_bucket_lifecycle_configuration(Bucket=self._account.bucket)
        except ClientError as fault:
            if fault.response["Error"]["Code"] == "NoSuchLifecycleConfiguration":
                return {}
            raise
        # The size from which transitions happen belongs to the bucket, and is put back to its default if left out.
        return {name: told[name] for name in ("Rules", "TransitionDefaultMinimumObjectSize") if name in told}


def _wanted() -> list[dict[str, Any]]:
    prefixes = {"nightshelf-results": settings.RESULT_PREFIX, "nightshelf-processed": PROCESSED_PREFIX}
    return [
        {"ID": name, "Filter": {"Prefix": prefix}, "Status": "Enabled", "Expiration": {"Days": DAYS}}
        for name, prefix in prefixes.items()
    ]


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(one.get(name) == value for name, value in other.items())
