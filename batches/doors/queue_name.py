"""What an SQS queue is called, in a file of its own: workers need no more of it, and boto3 is eight megabytes."""

from __future__ import annotations


def queue_name(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]
