"""The check of a file: what would become of each row, and why not. It writes no product."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.models import Transfer
from catalog.transfers import check, note_rows
from catalog.transfers.refused import BadFile
from catalog.transfers.work import work_transfers
from storage import result_storage
from tests.transfers import a_category, a_product, begun, checked, counts, csv_of, figures, json_of, many, state, told

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_row_is_told_what_it_would_do() -> None:
    a_product("A-1", name="Old", price=1000)
    a_product("A-2", name="Same", price=500)
    before = state()

    transfer = checked(
        csv_of(
            {"sku": "a-1", "name": "New", "price": "￥1,280"},
            {"sku": "A-2", "name": "Same", "price": "500"},
            {"sku": "A-3", "name": "Third", "price": "5"},
            {"sku": "A-4", "name": "", "price": "-5"},
        )
    )

    assert (transfer.status, transfer.total, transfer.done) == ("checked", 4, 4)
    assert figures(transfer) == transfer.found == counts(added=1, changed=1, same=1, refused=1)
    assert told(transfer, "changed") == {2: {"name": ["Old", "New"], "price": ["1000", "1280"]}}
    assert told(transfer, "added") == {4: {"sku": [None, "A-3"], "name": [None, "Third"], "price": [None, "5"]}}
    assert told(transfer) == {
        5: {
            "name": "It is empty, and every product needs one. Leave the column out to leave it as it is.",
            "price": "`-5` is below 0.",
        }
    }
    assert state() == before


def test_a_missing_column_leaves_alone_and_an_empty_cell_empties() -> None:
    category = a_category("Cups")
    product = a_product(description="Long", sale_price=5, category=category, barcode="4901234567894", is_new=True)

    transfer = checked(
        csv_of({"sku": "A-1", "description": "", "sale_price": "", "category": "", "is_new": "", "barcode": ""})
    )

    assert told(transfer, "changed")[2] == {
        "description": ["Long", ""],
        "sale_price": ["5", None],
        "category": ["cups", None],
        "is_new": [True, False],
        "barcode": ["4901234567894", ""],
    }
    assert figures(checked(csv_of({"sku": product.sku}))) == counts(same=1)


@pytest.mark.parametrize(
    ("cells", "column", "said"),
    [
        ({"status": "gone"}, "status", "`gone` is no status: write draft, active, archived."),
        ({"sale_price": "1001"}, "sale_price", "above the price"),
        ({"is_new": "maybe"}, "is_new", "neither yes nor no"),
        ({"category": "Cupz"}, "category", "There is no category `Cupz` (is it cups?)"),
        ({"barcode": "4901234567890"}, "barcode", "has to be 4"),
        ({"barcode": "901234567894"[1:]}, "barcode", "drops zeros in front"),
        ({"barcode": "0012345678905"}, "barcode", "is that of B-1"),
        ({"name": "x" * 201}, "name", "201 characters"),
        ({"version": "7"}, "version", "changed meanwhile: the file says version 7, the product has 1"),
        ({"version": "x"}, "version", "no whole number"),
        ({"description": "a\x01b"}, "description", "control character U+0001"),
    ],
)
def test_what_is_wrong_with_a_cell_has_its_sentence(cells: dict[str, str], column: str, said: str) -> None:
    a_category("Cups")
    a_product("A-1")
    a_product("B-1", barcode="0012345678905")

    transfer = checked(csv_of({"sku": "A-1", **cells}))

    assert figures(transfer) == counts(refused=1)
    assert list(told(transfer)[2]) == [column]
    assert said in told(transfer)[2][column]


def test_a_new_product_needs_a_name_and_a_price() -> None:
    transfer = checked(csv_of({"sku": "NEW"}))

    assert told(transfer)[2].keys() == {"name", "price"}


@pytest.mark.parametrize("sku", ["A B", "商品", "A" * 65])
def test_an_sku_that_cannot_be_one(sku: str) -> None:
    assert "sku" in told(checked(csv_of({"sku": sku, "name": "N", "price": "1"})))[2]


def test_twins_within_the_file_name_each_other() -> None:
    transfer = checked(
        csv_of(
            {"sku": "A", "name": "1", "price": 1, "barcode": ""},
            {"sku": "B", "name": "2", "price": 1, "barcode": "4901234567894"},
            {"sku": "ａ", "name": "3", "price": 1, "barcode": ""},
            {"sku": "C", "name": "4", "price": 1, "barcode": "4901234567894"},
        )
    )

    assert told(transfer) == {
        2: {"sku": "Row 4 has the same SKU: keep one of the two."},
        3: {"barcode": "Row 5 has the same barcode: keep one of the two."},
        4: {"sku": "Row 2 has the same SKU: keep one of the two."},
        5: {"barcode": "Row 3 has the same barcode: keep one of the two."},
    }


def test_categories_by_slug_and_by_path() -> None:
    clothes = a_category("Clothes")
    a_category("シャツ", clothes, slug="shirts")
    a_category("シャツ", a_category("Sale"), slug="sale-shirts")
    names = ["shirts", "Clothes > シャツ", "clothes＞ｼｬﾂ", "CLOTHES", "シャツ"]

    transfer = checked(
        csv_of(*({"sku": f"A-{n}", "name": "N", "price": 1, "category": c} for n, c in enumerate(names)))
    )

    assert [row["category"][1] for row in told(transfer, "added").values()] == ["shirts"] * 3 + ["clothes"]
    assert "There is no category `シャツ`" in told(transfer)[6]["category"]


def test_line_ends_alone_are_no_change() -> None:
    a_product(description="one\r\ntwo")

    assert figures(checked(csv_of({"sku": "A-1", "description": "one\ntwo"}))) == counts(same=1)


def test_a_file_that_will_not_do_is_refused_before_anything_is_kept() -> None:
    with pytest.raises(BadFile, match="`prise`"):
        begun(b"sku,prise\nA,1\n")

    assert not Transfer.objects.exists()
    assert list(result_storage().listing("imports/")) == []


def test_what_is_found_late_fails_the_check() -> None:
    transfer = checked(json_of([{"sku": "A", "name": "N", "price": 1}, {"sku": "B", "prise": 1}]), "p.json")

    assert transfer.status == "failed"
    assert transfer.failure.startswith("Item 2 has `prise`")


def test_of_many_rows_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(note_rows, "MOST", {"refused": 7, "added": 3, "changed": 3, "same": 0})
    good = [{"sku": f"G-{number}", "name": "N", "price": 1} for number in range(600)]
    bad = [{"sku": f"B-{number}", "name": "", "price": 1} for number in range(600)]

    transfer = checked(csv_of(*good, *bad))

    assert figures(transfer) == counts(added=600, refused=600)
    assert (len(told(transfer)), len(told(transfer, "added"))) == (7, 3)


def test_a_check_that_was_killed_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = check._tell, []

    def killed(*args: Any) -> None:
        calls.append(args)
        real(*args)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(check, "_tell", killed)
    transfer = begun(many(1_200))
    with pytest.raises(KeyboardInterrupt):
        work_transfers()
    monkeypatch.setattr(check, "_tell", real)
    Transfer.objects.update(leased_until=None)
    work_transfers()

    transfer.refresh_from_db()
    assert (transfer.status, transfer.done, figures(transfer)) == ("checked", 1_200, counts(added=1_200))
    assert transfer.rows.count() == 500
