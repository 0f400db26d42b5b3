"""CloudWatch, and what its faults mean: whether a call certainly left nothing behind, will never be taken, or may have
got through.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ProxyConnectionError,
    SSLError,
)
from django.conf import settings

# Nobody was reached, or nothing could be sent.
UNREACHED = (
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProxyConnectionError,
    SSLError,
)
# The call itself is wrong. Everything else that is refused (rights, throttling, a clock) may be put right.
NEVER = frozenset(
    {"InvalidParameterValue", "InvalidParameterCombination", "InvalidFormat", "MissingParameter", "ValidationError"}
)
_making = threading.Lock()  # a client may be used by several threads, but not made by them


class NotTaken(Exception):
    """Nothing of it is there; a sentence. It may be tried again."""


class Refused(Exception):
    """Nothing of it is there, nor will it ever be."""


class InDoubt(Exception):
    """It may be there."""


def client() -> Any:
    """Credentials: boto3's own chain."""
    with _making:
        return _client(settings.CLOUDWATCH_ENDPOINT_URL or None, settings.CLOUDWATCH_REGION or None)


@contextmanager
def faults() -> Iterator[None]:
    """What goes wrong inside, as one of the three. A call is tried once: botocore would repeat one that got through."""
    try:
        yield
    except UNREACHED as fault:
        raise NotTaken(f"{type(fault).__name__}: {fault}") from fault
    except ParamValidationError as fault:
        raise Refused(str(fault)) from fault
    except ClientError as fault:
        status, code = fault.response["ResponseMetadata"]["HTTPStatusCode"], fault.response["Error"]["Code"]
        if status >= 500:
            raise InDoubt(str(fault)) from fault
        raise (Refused if code in NEVER else NotTaken)(str(fault)) from fault
    except BotoCoreError as fault:
        raise InDoubt(f"{type(fault).__name__}: {fault}") from fault


@cache
def _client(endpoint: str | None, region: str | None) -> Any:
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 1})
    session = boto3.session.Session()
    return session.client("cloudwatch", endpoint_url=endpoint, region_name=region, config=config)
