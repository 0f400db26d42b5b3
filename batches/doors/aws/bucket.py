from __future__ import annotations

from botocore.exceptions import ClientError

from batches.doors.aws.account import Account
from batches.doors.aws.part import Refused

GONE = {"404", "NoSuchBucket", "NotFound"}


class Bucket:
    """The bucket itself. Made only when asked for: a wrong name must not become a new bucket."""

    def __init__(self, account: Account, *, create: bool) -> None:
        self._account, self._create = account, create

    def differences(self) -> list[str]:
        try:
            self._account.s3.head_bucket(Bucket=self._account.bucket)
        except ClientError as fault:
            if fault.response["Error"]["Code"] in GONE:
                return [f"Bucket {self._account.bucket} does not exist."]
            raise
        return []

    def put(self) -> None:
        if not self._create:
            raise Refused(f"Bucket {self._account.bucket} does not exist: set STORAGE_BUCKET, or add --create-bucket.")
        region = self._account.s3.meta.region_name
        where = {"CreateBucketConfiguration": {"LocationConstraint": region}} if region != "us-east-1" else {}
        self._account.s3.create_bucket(Bucket=self._account.bucket, **where)
