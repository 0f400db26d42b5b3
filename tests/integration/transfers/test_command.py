"""`manage.py products import|export`: the same verbs, with exit codes."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from catalog.models import Product
from tests.transfers import a_person, a_product, csv_of

pytestmark = pytest.mark.django_db(transaction=True)


def products(*arguments: object) -> tuple[int, dict[str, Any]]:
    out, code = StringIO(), 0
    try:
        call_command("products", *map(str, arguments), "--as", "clerk", "--json", stdout=out)
    except SystemExit as left:
        code = int(left.code or 0)
    return code, json.loads(out.getvalue())


@pytest.fixture
def good(tmp_path: Path) -> Path:
    a_person()
    path = tmp_path / "p.csv"
    path.write_bytes(csv_of({"sku": "A", "name": "N", "price": 1}))
    return path


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    a_person()
    path = tmp_path / "p.csv"
    path.write_bytes(csv_of({"sku": "A", "name": "N", "price": 1}, {"sku": "B", "name": "", "price": 1}))
    return path


def test_a_check_writes_nothing(good: Path) -> None:
    code, said = products("import", good, "--check")

    assert (code, said["added"], said["status"], Product.objects.count()) == (0, 1, "checked", 0)


def test_an_import(good: Path) -> None:
    code, said = products("import", good)

    assert (code, said["added"], said["status"], Product.objects.count()) == (0, 1, "finished", 1)


def test_a_refused_row_refuses_the_file(mixed: Path) -> None:
    code, said = products("import", mixed)

    assert (code, said["refused_rows"][0]["row"], Product.objects.count()) == (1, 3, 0)


def test_unless_the_good_rows_are_taken(mixed: Path) -> None:
    code, said = products("import", mixed, "--good-rows")

    assert (code, said["status"], said["refused"], Product.objects.count()) == (1, "finished", 1, 1)


@pytest.mark.parametrize("name", ["p.csv", "p.xlsx", "p.json"])
def test_an_export(name: str, tmp_path: Path) -> None:
    a_person()
    a_product("A-1")
    a_product("B-1", status="active")

    code, said = products("export", tmp_path / name, "--status", "active")

    assert (code, said["rows"]) == (0, 1)
    assert (tmp_path / name).stat().st_size
    assert products("import", tmp_path / name, "--check")[1]["same"] == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["import", "nowhere.csv", "--as", "clerk"], 2, "could not be read"),
        (["import", "p.csv", "--as", "nobody"], 2, "no active user"),
        (["import", "p.csv", "--as", "guest"], 3, "catalog.add_product"),
        (["export", "p.txt", "--as", "clerk"], 2, "--format"),
        (["export", "p.csv", "--as", "clerk", "--status", "gone"], 2, "use one of"),
        (["export", "p.csv", "--as", "guest"], 3, "catalog.view_product"),
    ],
)
def test_what_cannot_be_done_has_its_code(
    good: Path, arguments: list[str], code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.create_user("guest")
    monkeypatch.chdir(good.parent)

    with pytest.raises(CommandError, match=said) as raised:
        call_command("products", *arguments)

    assert raised.value.returncode == code
