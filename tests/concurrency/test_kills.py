"""SIGKILL within renditions, imports, acceptances and counts: the next worker does the rest, and nothing twice."""

from __future__ import annotations

import signal
import subprocess
import sys
from uuid import uuid4

import pytest
from django.db import connection

from batches.models import Acceptance, AcceptanceItem, CountedStock
from batches.proposals.start import start_acceptance
from batches.proposals.which import Which
from batches.proposals.work import work_acceptances
from catalog.images.make_renditions import make_renditions
from catalog.images.remove_leftovers import remove_leftovers
from catalog.models import Product, Rendition, Transfer
from catalog.transfers.confirm import confirm
from catalog.transfers.work import work_transfers
from embedded.process import wait_until
from inventory.models import StockLevel, Stocktake, StocktakeLine
from monitoring.models import AuditEntry
from tests import kinds
from tests.builders import ingested, jsonl
from tests.catalog import a_product
from tests.integration.pages import person
from tests.pictures import uploaded
from tests.renditions import FILES, a_minute_later, files
from tests.transfers import a_person, checked, figures, many
from tests.transfers import counts as rows

pytestmark = pytest.mark.django_db(transaction=True)
OTHERS = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"""


def killed(environment: dict[str, str], verb: str, argument: int | None, point: str, call: int, when: str) -> None:
    """Worked in a process of its own, which died there; the server has noticed."""
    told = [verb, "" if argument is None else str(argument), point, str(call), when]
    command = [sys.executable, "-m", "tests.concurrency.killed_process", *told]
    before = _others()  # a thread of another test may have left one: it is not what is waited for
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert wait_until(lambda: _others() <= before, 60)


def _others() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(OTHERS)
        return {pid for (pid,) in cursor.fetchall()}


@pytest.mark.parametrize(
    ("point", "call"),
    [("storage.filesystem:RangedFileStorage.put", 3), ("catalog.images.make_renditions:_ready", 1)],
)
def test_renditions(point: str, call: int, environment: dict[str, str]) -> None:
    image = uploaded(a_product())
    killed(environment, "catalog.images.make_renditions:make_renditions", image.pk, point, call, "before")
    assert not Rendition.objects.exists()
    assert make_renditions(image.pk) is False, "leased, until the lease has run out"

    a_minute_later()
    assert make_renditions(image.pk) is True
    remove_leftovers()

    assert (files(), Rendition.objects.count()) == (FILES, 4)


@pytest.mark.parametrize(("call", "when", "there"), [(1, "after", 0), (2, "before", 500)])
def test_an_import(call: int, when: str, there: int, environment: dict[str, str]) -> None:
    transfer = checked(many(510))
    confirm(transfer.pk, whole=False, actor=a_person())
    point = "catalog.transfers.run_import:write_rows"
    killed(environment, "catalog.transfers.work:work_transfers", None, point, call, when)
    transfer.refresh_from_db()
    assert (transfer.status, transfer.done, Product.objects.count()) == ("running", there, there)

    Transfer.objects.update(leased_until=None)
    work_transfers()

    transfer.refresh_from_db()
    assert (transfer.status, figures(transfer)) == ("finished", rows(added=510))
    assert set(Product.objects.values_list("version", flat=True)) == {1}
    assert Product.objects.count() == 510


def test_an_acceptance(environment: dict[str, str]) -> None:
    for number in range(3):
        kinds.a_product(f"TOTE-{number}")
    lines = [kinds.proposal_line(f"TOTE-{number}", description=..., category=...) for number in range(3)]
    ingested(jsonl(lines), job=kinds.products_job())
    by = person("decide_productproposal", "change_product", "add_product")
    which = Which.of({"fields": ["price"], "threshold": "0.1"})
    start_acceptance(which, actor=by, reason="Looked at.", intent_id=uuid4().hex)
    work = "batches.proposals.work:work_acceptances"
    killed(environment, work, None, "batches.proposals.accept_some:_accept", 1, "after")
    assert not AcceptanceItem.objects.exclude(status="waiting").exists()
    assert set(Product.objects.values_list("version", flat=True)) == {1}

    Acceptance.objects.update(leased_until=None)

    assert work_acceptances() == 3
    assert set(Product.objects.values_list("version", flat=True)) == {2}
    assert Acceptance.objects.get().status == "finished"
    assert AuditEntry.objects.filter(action="accept_batch").count() == 1


def test_counts(environment: dict[str, str]) -> None:
    kinds.a_product()
    kinds.a_product("CUP-1", name="Cup")
    kinds.a_location()
    ingested(jsonl([kinds.count_line(), kinds.count_line("CUP-1", quantity=3)]), job=kinds.counts_job())
    killed(environment, "batches.counts.place:place_counts", None, "batches.counts.place:into_stocktake", 1, "after")
    assert not Stocktake.objects.exists()
    assert set(CountedStock.objects.values_list("stocktake_line", flat=True)) == {None}

    assert kinds.placed() == 2

    assert dict(StocktakeLine.objects.values_list("product__sku", "counted")) == {"TOTE-1": 12, "CUP-1": 3}
    assert Stocktake.objects.count() == 1
    assert not StockLevel.objects.exists()
