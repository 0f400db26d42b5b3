"""SIGKILL of the web process while it takes a file in: the person tries again, and it is there once."""

from __future__ import annotations

import pytest

from batches.models import ResultFile
from tests.conftest import database_url
from tests.faults.failpoints import DOORS
from tests.faults.night import a_night, assert_exact
from tests.faults.site import Site
from tests.faults.web import free_port, status_of


@pytest.mark.parametrize("action", ["kill", "kill_group"])
@pytest.mark.parametrize("step", DOORS)
def test_a_killed_upload_is_repeated(site: Site, step: str, action: str) -> None:
    night = a_night()
    port = free_port()
    address = f"http://127.0.0.1:{port}/take-in/{night.job}"
    web = site.web(port)
    site.failpoints.arm(step, action)

    assert status_of(address, night.content) == 0
    assert site.failpoints.reached(step)
    assert ResultFile.objects.count() == (step == "after_receive")
    if action == "kill_group":
        web.await_end()
        site.web(port)
    site.await_(lambda: status_of(address, night.content) == 204, "the second try")

    site.worker()
    site.await_rest()
    assert_exact(database_url(), night)
