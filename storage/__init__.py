"""The one way to storage. `result_storage()` is Django's default storage, with the verbs of `port.ResultStorage`."""

from __future__ import annotations

from typing import cast

from django.core.files.storage import storages

from storage.port import ResultStorage


def result_storage(bucket: str = "") -> ResultStorage:
    """The configured storage, or another bucket reached with the same credentials."""
    default = cast(ResultStorage, storages["default"])
    if not bucket or bucket == default.bucket_name:
        return default
    return cast(ResultStorage, other_bucket(bucket))


def is_within_reach(bucket: str) -> bool:
    """Whether this site is configured for that bucket, or for buckets at all. Asks nobody."""
    from storage.s3 import RangedS3Storage

    default = storages["default"]
    return isinstance(default, RangedS3Storage) or cast(ResultStorage, default).bucket_name == bucket


def other_bucket(bucket: str) -> object:
    from storage.s3 import RangedS3Storage

    default = storages["default"]
    options = (
        {"endpoint_url": default.endpoint_url, "region_name": default.region_name}
        if isinstance(default, RangedS3Storage)
        else {}
    )
    return RangedS3Storage(bucket_name=bucket, **options)
