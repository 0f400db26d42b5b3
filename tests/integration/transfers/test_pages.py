"""The pages: upload, preview, confirm, follow, download; and who may."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from catalog.models import Product, Transfer
from catalog.transfers import work
from catalog.transfers.work import work_transfers
from monitoring.models import AuditEntry
from tests.integration.pages import BUDGET, MARKS, signed_in, text_of
from tests.transfers import a_product, checked, csv_of, exported, many

pytestmark = MARKS
IMPORT = ("add_product", "change_product", "view_product")


def sent(client: Client, content: bytes, name: str = "products.csv", *, script: bool = False) -> Any:
    headers = {"X-Requested-With": "XMLHttpRequest"} if script else {}
    return client.post(
        reverse("admin:catalog_transfer_import"), {"file": SimpleUploadedFile(name, content)}, headers=headers
    )


def streamed(client: Client, address: str) -> bytes:
    response: Any = client.get(address)
    return b"".join(response.streaming_content)


def at(transfer: Transfer, verb: str = "change") -> str:
    return reverse(f"admin:catalog_transfer_{verb}", args=[transfer.pk])


def link_on(page: str) -> str:
    """The link to a file that the page has."""
    return "/admin/catalog/transfer/file/" + page.partition("/transfer/file/")[2].partition('"')[0]


def test_the_way_of_a_file() -> None:
    client = signed_in(*IMPORT)
    a_product("A-1", name="Old")

    response = sent(client, csv_of({"sku": "A-1", "name": "New", "price": 5}, {"sku": "A-2", "name": "N", "price": 1}))

    transfer = Transfer.objects.get()
    assert response.url == at(transfer)
    page = text_of(client.get(at(transfer)))
    assert "<del>Old</del>" in page
    assert "<ins>New</ins>" in page
    assert Product.objects.count() == 1
    assert client.get(at(transfer, "confirm")).status_code == 405
    assert client.post(at(transfer, "confirm"), {"whole": "yes"}).headers["Location"] == at(transfer)
    transfer.refresh_from_db()
    assert (transfer.status, transfer.whole, Product.objects.count()) == ("finished", True, 2)
    assert "1 added, 1 changed" in text_of(client.get(at(transfer)))


def test_a_big_file_is_left_to_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "AT_ONCE", 10)
    client = signed_in(*IMPORT)

    sent(client, many(11))

    transfer = Transfer.objects.get()
    assert (transfer.status, transfer.total, transfer.done, transfer.leased_until) == ("checking", 11, 0, None)
    page = text_of(client.get(at(transfer)))
    assert "hx-get" in page
    assert 'role="progressbar"' in page
    work_transfers()
    client.post(at(transfer, "confirm"), {"whole": "no"})
    transfer.refresh_from_db()
    assert transfer.status == "running"
    assert "hx-get" in text_of(client.get(at(transfer, "live")))
    work_transfers()
    assert "hx-get" not in text_of(client.get(at(transfer, "live")))
    assert Product.objects.count() == 11


def test_a_script_gets_the_address_and_the_errors() -> None:
    client = signed_in(*IMPORT)

    assert sent(client, many(2), script=True).json() == {"url": at(Transfer.objects.get())}
    assert "`prise`" in sent(client, b"sku,prise\nA,1\n", script=True).json()["errors"]["file"][0]
    response = sent(client, b"sku,prise\nA,1\n")
    assert response.status_code == 422
    assert "is it price?" in text_of(response)


def test_who_may_import(settings: Settings) -> None:
    transfer = checked(many(2))
    for permissions in (("view_product",), ("view_product", "add_product"), ("view_product", "change_product")):
        client = signed_in(*permissions, name="-".join(permissions))
        assert client.get(reverse("admin:catalog_transfer_import")).status_code == 403
        assert sent(client, many(2)).status_code == 403
        assert client.post(at(transfer, "confirm")).status_code == 403
        assert client.post(at(transfer, "cancel")).status_code == 403
        page = text_of(client.get(at(transfer)))
        assert "Import 2 rows" not in page
    transfer.refresh_from_db()
    assert transfer.status == "checked"
    assert AuditEntry.objects.filter(allowed=False, subject="transfer").exists()


def test_who_may_export() -> None:
    a_product("A-1")
    transfer = exported("csv")
    stranger = signed_in("view_job", name="stranger")
    token = text_of(signed_in("view_product").get(at(transfer))).partition("/transfer/file/")[2].partition("/")[0]
    for address in (
        reverse("admin:catalog_transfer_export"),
        reverse("admin:catalog_transfer_changelist"),
        reverse("admin:catalog_transfer_example"),
        reverse("admin:catalog_transfer_file", args=[token]),
        at(transfer),
        at(transfer, "live"),
    ):
        assert stranger.get(address).status_code == 403, address
    assert stranger.post(reverse("admin:catalog_transfer_export"), {"format": "csv"}).status_code == 403


def test_an_export_from_the_filtered_list() -> None:
    a_product("A-1", status="active")
    a_product("B-1")
    client = signed_in("view_product")

    page = text_of(client.get(reverse("admin:catalog_transfer_export"), {"status": "active"}))
    assert "Export 1 product" in page
    response: Any = client.post(reverse("admin:catalog_transfer_export"), {"status": "active", "format": "csv"})

    transfer = Transfer.objects.get()
    assert response.url == at(transfer)
    link = (
        "/admin/catalog/transfer/file/"
        + text_of(client.get(at(transfer))).partition("/transfer/file/")[2].partition('"')[0]
    )
    download: Any = client.get(link)
    assert download.headers["Content-Disposition"] == f'attachment; filename="{transfer.name}"'
    assert b"".join(download.streaming_content).count(b"\r\n") == 2


def test_a_link_does_not_last(settings: Settings) -> None:
    a_product("A-1")
    transfer, client = exported("csv"), signed_in("view_product")
    link = (
        "/admin/catalog/transfer/file/"
        + text_of(client.get(at(transfer))).partition("/transfer/file/")[2].partition('"')[0]
    )
    settings.TRANSFER_LINK_SECONDS = -1

    assert client.get(link).status_code == 410
    assert client.get(reverse("admin:catalog_transfer_file", args=["made-up"])).status_code == 410


def test_refused_rows_are_shown_and_downloaded() -> None:
    transfer, client = checked(csv_of({"sku": "A", "name": "", "price": "much"})), signed_in(*IMPORT)

    page = text_of(client.get(at(transfer)))
    assert "`much` is no amount" in page
    assert "Import" not in page.partition("ns-confirm-import")[1]
    link = "/admin/catalog/transfer/file/" + page.partition("/transfer/file/")[2].partition('"')[0]
    assert b"what_is_wrong" in streamed(client, link)


def test_the_example_can_be_imported() -> None:
    client = signed_in(*IMPORT)
    example = streamed(client, reverse("admin:catalog_transfer_example"))

    assert checked(example).found == {"added": 2, "changed": 0, "same": 0, "refused": 0}


def test_a_cancelled_import_says_so() -> None:
    transfer, client = checked(many(2)), signed_in(*IMPORT)

    assert client.post(at(transfer, "cancel")).headers["Location"] == at(transfer)
    page = text_of(client.get(at(transfer)))
    assert "Cancelled." in page
    assert "Nothing was written." in page


@pytest.mark.parametrize("outcome", ["added", "refused", "changed", "same", "nonsense"])
def test_pages_stay_within_their_queries(outcome: str) -> None:
    transfer = checked(csv_of(*({"sku": f"A-{n}", "name": "N" if n % 2 else "", "price": 1} for n in range(120))))
    client = signed_in(*IMPORT)
    for address in (f"{at(transfer)}?outcome={outcome}&p=2", reverse("admin:catalog_transfer_changelist")):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= BUDGET
