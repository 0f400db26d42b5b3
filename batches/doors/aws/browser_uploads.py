"""Images of products are sent by browsers straight to the bucket: it lets this site's own pages do so, and no other's.

S3 replaces a bucket's whole CORS configuration: what others have in it is read, and written back with ours.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError
from django.conf import settings

from batches.doors.aws.account import Account

ID = "nightshelf-uploads"
TOLD = ("AllowedMethods", "AllowedOrigins", "AllowedHeaders")


class BrowserUploads:
    def __init__(self, account: Account) -> None:
        self._account = account

    def differences(self) -> list[str]:
        if any(_same(rule, _wanted()) for rule in self._rules()):
            return []
        return [f"Bucket {self._account.bucket}: pages of {', '.join(origins())} may not upload to it (CORS)."]

    def put(self) -> None:
        others = [rule for rule in self._rules() if rule.get("ID") != ID and not _same(rule, _wanted())]
        self._account.s3.put_bucket_cors(
            Bucket=self._account.bucket, CORSConfiguration={"CORSRules": [*others, _wanted()]}
        )

    def _rules(self) -> list[dict[str, Any]]:
        try:
            return list(self._account.s3.get_bucket_cors(Bucket=self._account.bucket)["CORSRules"])
        except ClientError as fault:
            if fault.response["Error"]["Code"] == "NoSuchCORSConfiguration":
                return []
            raise


def origins() -> list[str]:
    """Where the site's pages come from: what a proxy is told, or the hosts it answers to."""
    if settings.CSRF_TRUSTED_ORIGINS:
        return sorted(settings.CSRF_TRUSTED_ORIGINS)
    scheme, port = ("https", "") if settings.SECURE_SSL_REDIRECT else ("http", ":*")
    hosts = (f"*{host}" if host.startswith(".") else host for host in settings.ALLOWED_HOSTS)
    # One wildcard is all that S3 takes.
    return sorted(f"{scheme}://{host}{'' if '*' in host else port}" for host in hosts)


def _wanted() -> dict[str, Any]:
    return {
        "ID": ID,
        "AllowedMethods": ["POST"],
        "AllowedOrigins": origins(),
        "AllowedHeaders": ["*"],
        "MaxAgeSeconds": 3600,
    }


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(set(one.get(name, ())) == set(other[name]) for name in TOLD)
