"""The triggers: whatever changes a tracked row, the change is written down once, as it was before and after."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from catalog.models import Product, ProductImage
from inventory.models import Location, StockLevel, Stocktake, StocktakeLine
from monitoring.history.change import Change
from monitoring.history.context import on_behalf
from monitoring.history.track import all_tracked
from tests.integration.history.changes import a_category, a_product, by_hand, changes, the_change, told
from tests.stock import stocked

pytestmark = pytest.mark.django_db(transaction=True)


def somebody() -> Any:
    return on_behalf("web", "POST /", user=None)


def test_the_first_change_of_a_row_is_told_exactly() -> None:
    """The row was there before the history was: nothing but the change itself says what it had been."""
    product = a_product()
    assert not changes()

    product.price = Decimal("990.00")
    product.save()

    change = the_change()
    assert told(change) == ("changed", {"price": 1280.00}, {"price": 990.00})
    assert (change.pgh_obj_model, change.pgh_obj_id, change.name) == ("catalog.product", str(product.pk), "MUG-1 Mug")
    assert change.fields == ["price"]
    assert (change.via, change.actor, change.by) == ("system", None, "")


def test_a_bulk_update_is_told_row_by_row() -> None:
    products = [a_product(f"MUG-{number}", price=number) for number in range(1, 4)]

    Product.objects.update(price=F("price") + 1, status="active")

    assert [change.pgh_obj_id for change in changes()] == [str(product.pk) for product in products]
    assert told(changes()[2]) == ("changed", {"price": 3.0, "status": "draft"}, {"price": 4.0, "status": "active"})


def test_raw_sql_from_outside_is_told_with_the_users_name() -> None:
    product = a_product()

    by_hand("UPDATE catalog_product SET name = 'Cup' WHERE id = %s", product.pk)

    change = the_change()
    assert told(change) == ("changed", {"name": "Mug"}, {"name": "Cup"})
    user = connection.settings_dict["USER"]
    assert (change.via, change.actor, change.by, change.place) == ("outside", None, user, "psql")


def test_an_update_that_changes_nothing_is_none() -> None:
    product = a_product()

    product.save()
    Product.objects.update(name=F("name"), version=F("version") + 1)

    assert not changes()


def test_what_somebody_adds_and_deletes_is_told_whole() -> None:
    category = a_category("Cups")
    with somebody():
        product = a_product(category=category)
        pk = product.pk
        product.delete()

    added, deleted = changes(pgh_obj_model="catalog.product")
    assert added.pgh_label == "added"
    assert added.before is None
    assert added.after | {"sku": "MUG-1", "category": category.pk} == added.after  # type: ignore[operator]
    assert (deleted.pgh_label, deleted.before, deleted.after) == ("deleted", added.after, None)
    assert (deleted.pgh_obj_id, deleted.name) == (str(pk), "MUG-1 Mug")
    assert not {"folded", "pairs", "version"} & set(added.after)


def test_what_is_added_by_hand_is_told() -> None:
    by_hand("INSERT INTO inventory_location (code, name, is_active) VALUES ('T', 'Tokyo', true)")

    assert (the_change().pgh_label, the_change().via) == ("added", "outside")


def test_what_is_rolled_back_was_not_changed() -> None:
    product = a_product()
    with transaction.atomic():
        Product.objects.filter(pk=product.pk).update(name="Cup")
        transaction.set_rollback(True)

    assert not changes()


def test_pictures_stand_in_their_products_history() -> None:
    product = a_product()
    image = ProductImage.objects.create(product=product, position=1, name="front.jpg", key="k")
    ProductImage.objects.filter(pk=image.pk).update(status="ready", width=800)  # the machine's part
    assert not changes()

    ProductImage.objects.filter(pk=image.pk).update(alt="From the front")

    change = the_change()
    assert (change.pgh_model, change.row_id) == ("catalog.productimage", str(image.pk))
    assert (change.pgh_obj_model, change.pgh_obj_id) == ("catalog.product", str(product.pk))
    assert change.name == "front.jpg"


def test_levels_tell_of_reordering_and_leave_quantities_to_the_ledger() -> None:
    level = stocked(5)
    stocked(1, level.product, level.location)
    assert not changes()

    StockLevel.objects.filter(pk=level.pk).update(reorder_point=2)

    assert told(the_change()) == ("changed", {"reorder_point": 0}, {"reorder_point": 2})


def test_counting_is_told_where_somebody_counts() -> None:
    take = Stocktake.objects.create(location=Location.objects.create(code="T", name="Tokyo"))
    line = StocktakeLine.objects.create(stocktake=take, product=a_product(), expected=3)
    counted = {"counted": 2, "on_hand_then": 3}
    StocktakeLine.objects.filter(pk=line.pk).update(**counted)
    assert not changes()

    with somebody():
        StocktakeLine.objects.filter(pk=line.pk).update(counted=1)

    assert told(the_change()) == ("changed", {"counted": 2}, {"counted": 1})
    assert (the_change().pgh_obj_model, the_change().pgh_obj_id) == ("inventory.stocktake", str(take.pk))


def test_a_password_is_nowhere() -> None:
    with somebody():
        user = User.objects.create_user("hanako", password="night-shelf-42")
        user.set_password("night-shelf-43")
        user.save()
        user.email = "hanako@example.com"
        user.save()
        user.delete()

    assert [change.pgh_label for change in changes()] == ["added", "changed", "deleted"]
    for change in changes():
        assert not {"password", "last_login"} & {*(change.before or {}), *(change.after or {})}


def test_what_a_person_may_do_is_told_in_their_history() -> None:
    user, group = User.objects.create_user("hanako"), Group.objects.create(name="Night")
    permission = Permission.objects.get(codename="view_auditentry")
    with somebody():
        user.groups.add(group)
        user.user_permissions.add(permission)
        group.permissions.add(permission)
        user.groups.remove(group)

    assert [(change.pgh_obj_model, change.pgh_model.partition(".")[2], change.pgh_label) for change in changes()] == [
        ("auth.user", "user_groups", "added"),
        ("auth.user", "user_user_permissions", "added"),
        ("auth.group", "group_permissions", "added"),
        ("auth.user", "user_groups", "deleted"),
    ]


def test_schedules_are_told_and_the_schedulers_own_counting_is_not() -> None:
    crontab = CrontabSchedule.objects.create(minute="15", hour="4")
    task = PeriodicTask.objects.create(name="purge", task="batches.purge", crontab=crontab)
    PeriodicTask.objects.update(total_run_count=7, last_run_at="2026-02-03T04:15:00Z")
    assert not changes()

    CrontabSchedule.objects.update(hour="5")
    PeriodicTask.objects.filter(pk=task.pk).update(enabled=False)

    assert [told(change)[1:] for change in changes()] == [
        ({"hour": "4"}, {"hour": "5"}),
        ({"enabled": True}, {"enabled": False}),
    ]


@pytest.mark.parametrize("sql", ["UPDATE monitoring_change SET by = 'nobody'", "DELETE FROM monitoring_change"])
def test_what_happened_cannot_be_altered(sql: str) -> None:
    a_product()
    Product.objects.update(name="Cup")

    with pytest.raises(DatabaseError, match="Cannot"), connection.cursor() as cursor:
        cursor.execute(sql)

    assert Change.objects.get().by == ""


def test_every_tracked_field_exists_and_migrations_know_of_it() -> None:
    for of in all_tracked():
        names = {field.name for field in of.model._meta.concrete_fields}
        assert names >= {*of.name, *of.fields, *of.exclude}, of.label
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
