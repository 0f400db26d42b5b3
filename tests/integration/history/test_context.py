"""Who changed a row, and by which way: requests, commands and tasks; and that telling so breaks no statement."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from psycopg import sql

from batches.letters.discard_later import discard_later, do_asked
from batches.letters.filters import LetterFilter
from batches.models import DeadLetter
from catalog.models import Product
from config.settings import BASE_DIR
from inventory.models import Location
from monitoring import audit
from monitoring.context import carrying
from monitoring.history.context import by_command, on_behalf
from tests.integration.history.changes import a_product, changes, the_change
from tests.integration.pages import person
from tests.redrives import dead_letters

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_request_is_told_with_its_person_and_ids(admin_client: Client, admin_user: User) -> None:
    address = reverse("admin:auth_group_add")
    response = admin_client.post(address, {"name": "Night"}, headers={"X-Request-Id": "r-17"})

    assert response.status_code == 302
    change = the_change(pgh_model="auth.group")
    assert (change.via, change.actor, change.request_id) == ("web", admin_user, "r-17")
    assert change.place == f"POST {address}"


def test_reading_a_page_tells_the_database_nothing(admin_client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        admin_client.get(reverse("admin:auth_group_changelist"))

    assert not [query for query in queries if "pghistory" in query["sql"]]


def test_nothing_is_left_in_the_connection_for_whoever_comes_next() -> None:
    product = a_product()
    with on_behalf("web", "POST /a", user=7):
        Product.objects.filter(pk=product.pk).update(name="Cup")
    Product.objects.filter(pk=product.pk).update(name="Bowl")

    assert [change.via for change in changes()] == ["web", "system"]


def test_what_is_done_inside_of_something_else_does_not_rub_off_on_it() -> None:
    product = a_product()
    with on_behalf("command", "manage.py x", by="root"):
        with on_behalf("task", "a.task", user=7):
            Product.objects.filter(pk=product.pk).update(name="Cup")
        Product.objects.filter(pk=product.pk).update(name="Bowl")

    assert [(change.via, change.place, change.actor_id, change.by) for change in changes()] == [
        ("task", "a.task", 7, ""),
        ("command", "manage.py x", None, "root"),
    ]


def test_a_command_is_told_with_the_systems_user_and_then_with_whom_it_acts_for() -> None:
    product, actor = a_product(), person("change_product")
    with by_command(["manage.py", "deadletters", "discard", "--reason=secret"]):
        Product.objects.filter(pk=product.pk).update(name="Cup")
        audit.permit(actor, "catalog.change_product", action="rename", subject="product")
        Product.objects.filter(pk=product.pk).update(name="Bowl")

    first, second = changes()
    assert (first.via, first.place, first.actor) == ("command", "manage.py deadletters discard", None)
    assert first.by
    assert (second.actor, second.action) == (actor, "rename")
    assert first.request_id == second.request_id != ""


def test_who_was_refused_is_not_who_did_it() -> None:
    product, viewer = a_product(), person()
    with on_behalf("command", "manage.py x", by="root"):
        with pytest.raises(PermissionDenied):
            audit.permit(viewer, "catalog.change_product", action="rename", subject="product")
        Product.objects.filter(pk=product.pk).update(name="Cup")

    assert (the_change().actor, the_change().action) == (None, "")


def test_a_real_process_of_manage_py(environment: dict[str, str]) -> None:
    a_product()
    code = "from catalog.models import Product; Product.objects.update(name='Cup')"
    run = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
    subprocess.run(run, cwd=BASE_DIR, env=environment, check=True, timeout=300)

    change = the_change()
    assert (change.via, change.place) == ("command", "manage.py shell")


def test_a_task_is_told_with_who_asked_for_it() -> None:
    (letter,) = dead_letters(1)
    actor = person("discard_deadletter")
    entry = discard_later(LetterFilter(), actor=actor, reason="Too old.")
    assert not changes(pgh_model="batches.deadletter")

    do_asked(entry.pk)

    change = the_change(pgh_model="batches.deadletter")
    assert (change.pgh_obj_id, change.before, change.after) == (
        str(letter.pk), {"status": "open"}, {"status": "discarded"},
    )  # fmt: skip
    assert (change.via, change.place, change.actor) == ("task", "batches.discard_asked", actor)


def test_the_trace_is_told() -> None:
    product = a_product()
    with carrying(trace_id="ab" * 16), on_behalf("web", "POST /"):
        Product.objects.filter(pk=product.pk).update(name="Cup")

    assert the_change().trace_id == "ab" * 16


# --- Statements of every sort, while there is a context ---------------------------------------------------------------


@pytest.fixture
def context() -> Any:
    with on_behalf("web", "POST /100%/", user=7):
        yield


def test_no_query_is_added(context: None) -> None:
    product = a_product()
    with CaptureQueriesContext(connection) as queries:
        Product.objects.filter(pk=product.pk).update(name="Cup")

    assert len(queries) == 1
    assert the_change(pgh_label="changed").place == "POST /100%/"


def test_returning(context: None) -> None:
    product = a_product()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalog_product SET name = 'Cup' WHERE id = %s RETURNING id", [product.pk])
        assert cursor.rowcount == 1
        assert cursor.fetchall() == [(product.pk,)]


def test_many_rows_at_once(context: None) -> None:
    rows = [("A", "One"), ("B", "Two")]
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO inventory_location (code, name, is_active) VALUES (%s, %s, true)", rows)

    assert [change.via for change in changes()] == ["web", "web"]


def test_composed_sql_and_named_parameters(context: None) -> None:
    product = a_product()
    with connection.cursor() as cursor:
        table = sql.Identifier("catalog_product")
        cursor.execute(sql.SQL("UPDATE {} SET name = %(name)s").format(table), {"name": "Cup"})

    product.refresh_from_db()
    assert product.name == "Cup"


def test_text_that_holds_a_percent_sign(context: None) -> None:
    a_product(name="100% cotton")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalog_product SET name = '99%' WHERE name LIKE '100%'")
        assert cursor.rowcount == 1
        cursor.execute("SELECT count(*) FROM catalog_product WHERE name LIKE '9%'")
        assert cursor.fetchone() == (1,)


def test_several_statements_in_one(context: None) -> None:
    a_product()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE catalog_product SET name = 'Cup'; UPDATE catalog_product SET name = 'Bowl'")

    assert len(changes(pgh_label="changed")) == 2


def test_a_cursor_of_the_server_and_a_copy(context: None) -> None:
    a_product()
    with transaction.atomic():
        assert [product.sku for product in Product.objects.iterator(chunk_size=1)] == ["MUG-1"]
        statement = "COPY inventory_location (code, name, is_active) FROM STDIN"
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write_row(("A", "One", True))
    assert Location.objects.count() == 1


def test_a_savepoint_that_is_rolled_back(context: None) -> None:
    product = a_product()
    with transaction.atomic():
        with transaction.atomic():
            Product.objects.filter(pk=product.pk).update(name="Cup")
            transaction.set_rollback(True)
        Product.objects.filter(pk=product.pk).update(name="Bowl")

    assert [change.after for change in changes(pgh_label="changed")] == [{"name": "Bowl"}]
    assert DeadLetter.objects.count() == 0
