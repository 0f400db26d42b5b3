"""Servers that are not the tests' own, where the environment names them."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from kombu import Connection


def reachable(variable: str, try_it: Callable[[str], object]) -> str:
    """The address a variable names; the test is skipped where it cannot be had, and fails where it must run."""
    url = os.environ.get(variable, "")
    reason = f"{variable} is not set"
    if url:
        try:
            try_it(url)
        except Exception as fault:
            reason = f"{variable} does not answer: {fault}"
        else:
            return url
    if os.environ.get("NIGHTSHELF_TEST_REQUIRE") == "1":
        pytest.fail(f"{reason}, and NIGHTSHELF_TEST_REQUIRE=1 says that it must")
    pytest.skip(reason)


def a_broker(variable: str) -> str:
    """`reachable`, of a broker."""
    return reachable(variable, _connect)


def _connect(url: str) -> None:
    with Connection(url, connect_timeout=5) as connection:
        connection.ensure_connection(max_retries=1, timeout=5)
