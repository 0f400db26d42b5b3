"""The tree of categories: listed, moved with all below, counted, and never a circle."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from catalog.categories import tree
from catalog.categories.delete_category import delete_category
from catalog.categories.save_category import add_category, save_category
from catalog.models import Category
from catalog.products.refused import Refused
from monitoring.models import AuditEntry
from storage import result_storage
from tests.catalog import EDITOR, a_category, a_product, an_editor
from tests.integration.pages import BUDGET, MARKS, person, signed_in, text_of

pytestmark = MARKS
LIST, ADD = "admin:catalog_category_changelist", "admin:catalog_category_add"


@pytest.fixture
def client() -> Client:
    return signed_in(*EDITOR)


def change(category: Category) -> str:
    return reverse("admin:catalog_category_change", args=[category.pk])


def trail(category: Category) -> str:
    return tree.trails([Category.objects.get(pk=category.pk)])[category.pk]


def picture(format: str = "PNG", size: tuple[int, int] = (40, 30), name: str = "p.png") -> SimpleUploadedFile:
    written = BytesIO()
    Image.new("RGB", size, "red").save(written, format)
    return SimpleUploadedFile(name, written.getvalue())


def sound() -> bool:
    return bool(Category.objects.find_problems() == ([], [], [], [], []))


def test_a_category_is_added_with_a_slug_of_its_name(client: Client) -> None:
    clothes = a_category("Clothes")

    assert client.post(reverse(ADD), {"name": "夏 シャツ", "parent": clothes.pk}).status_code == 302

    assert Category.objects.get(slug="夏-シャツ").is_child_of(Category.objects.get(pk=clothes.pk))
    assert AuditEntry.objects.get().action == "add"


def test_a_branch_is_moved_whole(client: Client) -> None:
    clothes, home = a_category("Clothes"), a_category("Home")
    shirts = a_category("Shirts", clothes)
    summer = a_category("Summer", shirts)

    assert client.post(change(shirts), {"name": "Shirts", "slug": "shirts", "parent": home.pk}).status_code == 302
    assert (trail(shirts), trail(summer)) == ("Home › Shirts", "Home › Shirts › Summer")

    assert client.post(change(shirts), {"name": "Shirts", "slug": "shirts", "parent": ""}).status_code == 302
    assert trail(summer) == "Shirts › Summer"
    assert sound()


def test_a_new_name_has_its_place_among_the_others(client: Client) -> None:
    for name in ("A", "B", "C"):
        a_category(name)
    a = Category.objects.get(name="A")

    client.post(change(a), {"name": "D", "slug": "a", "parent": ""})

    assert [category.name for category in Category.objects.order_by("path")] == ["B", "C", "D"]
    assert sound()


@pytest.mark.parametrize("where", ["Shirts", "Summer"])
def test_a_circle_is_refused_with_a_sentence(client: Client, where: str) -> None:
    shirts = a_category("Shirts")
    a_category("Summer", shirts)
    parent = Category.objects.get(name=where)

    html = text_of(client.post(change(shirts), {"name": "Other", "slug": "shirts", "parent": parent.pk}))

    assert "cannot lie below itself" in html
    assert 'value="Other"' in html
    with pytest.raises(Refused, match="cannot lie below itself"):
        save_category(shirts.pk, {"name": "Other"}, parent.pk, actor=an_editor())
    assert sorted(Category.objects.values_list("name", flat=True)) == ["Shirts", "Summer"]
    assert sound()


def test_a_slug_that_is_taken_names_who_has_it(client: Client) -> None:
    a_category("Mugs")

    html = text_of(client.post(reverse(ADD), {"name": "Cups", "slug": "mugs"}))

    assert "that of Mugs" in html
    with pytest.raises(Refused):
        add_category({"name": "Cups", "slug": "mugs"}, None, actor=an_editor())


def test_the_list_is_the_tree_and_counts_what_lies_below(client: Client) -> None:
    clothes = a_category("Clothes")
    shirts = a_category("Shirts", clothes)
    a_product("A", category=shirts)
    a_product("B", category=clothes)

    html = text_of(client.get(reverse(LIST)))

    assert html.index("Clothes</a>") < html.index("Shirts</a>")
    assert "padding-left: 1.5rem" in html
    assert tree.product_counts([Category.objects.get(pk=clothes.pk), shirts]) == {clothes.pk: (1, 2), shirts.pk: (1, 1)}
    assert "1 in itself" in html


def test_the_list_keeps_its_budget_whatever_its_length(client: Client) -> None:
    for number in range(60):
        a_product(f"S-{number}", category=a_category(f"C{number}"))
    client.get(reverse(LIST))

    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse(LIST)).status_code == 200

    assert len(queries) <= BUDGET


def test_what_is_not_empty_is_not_deleted_and_says_why(client: Client) -> None:
    clothes = a_category("Clothes")
    shirts = a_category("Shirts", clothes)
    product = a_product("A", category=shirts)
    for category, why in ((clothes, "1 category lies in it"), (shirts, "1 product lies in it")):
        address = reverse("admin:catalog_category_delete", args=[category.pk])
        assert why in text_of(client.get(address))
        assert why in text_of(client.post(address, {"reason": "r"}, follow=True))
    assert Category.objects.count() == 2

    product.delete()
    address = reverse("admin:catalog_category_delete", args=[shirts.pk])
    assert "was deleted" in text_of(client.post(address, {"reason": "empty"}, follow=True))
    assert Category.objects.get().numchild == 0


def test_a_picture_is_stored_by_its_content(client: Client) -> None:
    client.post(reverse(ADD), {"name": "Mugs", "upload": picture()})

    mugs = Category.objects.get()
    assert mugs.image.startswith("catalog/categories/")
    assert result_storage().stat(mugs.image).size > 0
    assert "<img" in text_of(client.get(change(mugs)))
    client.post(change(mugs), {"name": "Mugs", "slug": "mugs", "image": mugs.image, "without_image": "on"})
    assert Category.objects.get().image == ""


def test_a_picture_outlives_a_fault_elsewhere_in_the_form(client: Client) -> None:
    html = text_of(client.post(reverse(ADD), {"name": "", "upload": picture()}))

    assert "A category needs a name" in html
    assert 'name="image" value="catalog/categories/' in html


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (lambda: SimpleUploadedFile("p.png", b"no picture"), "no JPEG, PNG or WebP"),
        (lambda: SimpleUploadedFile("p.svg", b"<svg/>"), "no JPEG, PNG or WebP"),
        (lambda: picture("GIF", name="p.png"), "no JPEG, PNG or WebP"),
        (lambda: SimpleUploadedFile("p.png", picture().read()[:60]), "damaged"),
        (lambda: picture(size=(4001, 1)), "4001 × 1"),
        (lambda: SimpleUploadedFile("p.png", b"x" * (2 * 2**20 + 1)), "2 MB"),
    ],
)
def test_what_is_no_picture_is_refused(client: Client, file: Any, said: str) -> None:
    html = text_of(client.post(reverse(ADD), {"name": "Mugs", "upload": file()}))

    assert said in html
    assert 'value="Mugs"' in html
    assert not Category.objects.exists()


def test_a_key_of_something_else_is_not_believed(client: Client) -> None:
    client.post(reverse(ADD), {"name": "Mugs", "image": "batch-output/secret.jsonl"})

    assert Category.objects.get().image == ""


def test_a_viewer_changes_nothing() -> None:
    mugs, client = a_category("Mugs"), signed_in("view_category", name="viewer")

    assert client.get(reverse(LIST)).status_code == 200
    assert client.get(change(mugs)).status_code == 200
    assert client.post(change(mugs), {"name": "x", "upload": picture()}).status_code == 403
    assert client.post(reverse(ADD), {"name": "x"}).status_code == 403
    assert client.post(reverse("admin:catalog_category_delete", args=[mugs.pk]), {"reason": "r"}).status_code == 403
    viewer = person("view_category", name="other")
    with pytest.raises(PermissionDenied):
        delete_category(mugs.pk, actor=viewer)
    assert Category.objects.get().name == "Mugs"
