"""A slow request has a line of its own, others have none."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings


@pytest.mark.parametrize(("limit", "told"), [(0, ["request_slow"]), (1000, [])])
def test_a_slow_request_is_told_by_its_route(
    client: Client, settings: Settings, caplog: pytest.LogCaptureFixture, limit: float, told: list[str]
) -> None:
    settings.SLOW_REQUEST_SECONDS = limit
    with caplog.at_level("INFO", logger="nightshelf"):
        client.get("/api/health?name=hanako")
    lines = [record for record in caplog.records if record.getMessage() == "request_slow"]
    assert [line.getMessage() for line in lines] == told
    for line in lines:
        assert (vars(line)["route"], vars(line)["method"], vars(line)["status"]) == ("api/health", "GET", 200)
        assert "hanako" not in str(vars(line))
