"""Low stock, reconciliations and the outbox in the admin: who sees them, what they say, what a button does."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.ledger.adjust import adjust
from inventory.ledger.reconcile import reconcile
from inventory.ledger.set_reorder_point import set_reorder_point
from inventory.models import LowStock, Reconciliation, StockLevel
from monitoring import outbox
from monitoring.models import AuditEntry, Notice
from monitoring.prometheus import RegisteredGauges
from tests.integration.pages import BUDGET, MARKS, person, signed_in, text_of
from tests.stock import a_key, item, stocked, triggers_off

pytestmark = MARKS
LISTS = {
    "inventory_lowstock": "view_lowstock",
    "inventory_reconciliation": "view_reconciliation",
    "monitoring_notice": "view_notice",
}


def low(count: int = 1, left: int = 5) -> list[StockLevel]:
    keeper = person("change_stocklevel", name="keeper")
    levels = [stocked(20) for _ in range(count)]
    for level in levels:
        set_reorder_point(level.product_id, level.location_id, reorder_point=10, reorder_quantity=40, actor=keeper)
        adjust([item(level, left - 20)], key=a_key(), actor=None, reason="sold")
    return levels


def broken() -> Reconciliation:
    level = stocked(5)
    with triggers_off() as cursor:
        cursor.execute("UPDATE inventory_stocklevel SET on_hand = 8 WHERE id = %s", [level.pk])
    return reconcile()


def list_of(model: str, **query: str) -> tuple[str, dict[str, str]]:
    return reverse(f"admin:{model}_changelist"), query


def detail(model: str, pk: object) -> str:
    return reverse(f"admin:{model}_change", args=[pk])


@pytest.mark.parametrize(("model", "permission"), LISTS.items())
def test_lists_are_for_whoever_may_see_them(model: str, permission: str) -> None:
    low()
    reconcile()
    first = {"inventory_lowstock": LowStock, "inventory_reconciliation": Reconciliation}.get(model, Notice)
    page = detail(model, first.objects.values_list("pk", flat=True)[0])  # type: ignore[attr-defined]
    stranger, viewer = signed_in("view_job", name="stranger"), signed_in(permission, name="viewer")

    for address in (list_of(model)[0], page):
        assert stranger.get(address).status_code == 403
        assert viewer.get(address).status_code == 200
        assert viewer.post(address).status_code in {200, 403, 405}
    assert viewer.get(detail(model, 999_999)).status_code == 404
    assert viewer.get(detail(model, "9" * 30)).status_code == 404


@pytest.mark.parametrize(("model", "permission"), LISTS.items())
def test_lists_stay_within_their_queries(model: str, permission: str) -> None:
    low(25)
    for _ in range(5):
        reconcile()
    client = signed_in(permission)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(*list_of(model)).status_code == 200
    assert len(queries) <= BUDGET


def test_what_is_low_now_is_listed_and_what_was_on_request() -> None:
    now, over, out = low(3)
    adjust([item(over, 20)], key=a_key(), actor=None, reason="came")
    adjust([item(out, -5)], key=a_key(), actor=None, reason="sold")
    client = signed_in("view_lowstock")

    def listed(**query: str) -> set[str]:
        text = text_of(client.get(*list_of("inventory_lowstock", **query)))
        return {level.product.sku for level in (now, over, out) if f">{level.product.sku}<" in text}

    assert listed() == {now.product.sku, out.product.sku}
    assert listed(state="out") == {out.product.sku}
    assert listed(state="over") == {over.product.sku}
    assert len(listed(state="all")) == 3
    assert listed(location=str(now.location_id)) == {now.product.sku}
    assert listed(location="x", state="x") == {now.product.sku, out.product.sku}


def test_a_low_levels_page_says_how_it_came_to_that() -> None:
    (level,) = low()
    event = LowStock.objects.get()
    text = text_of(signed_in("view_lowstock", "view_notice").get(detail("inventory_lowstock", event.pk)))

    assert level.product.name in text
    assert "Adjustment" in text
    assert "−15" in text
    assert "11 are available" in text
    assert detail("monitoring_notice", Notice.objects.get().pk) in text


def test_a_notice_leads_to_what_it_is_about() -> None:
    low()
    client = signed_in("view_lowstock", "view_notice")
    notice = Notice.objects.get()
    text = text_of(client.get(detail("monitoring_notice", notice.pk)))

    assert "the reorder point is 10. Order 40." in text
    assert f'href="{notice.link}"' in text
    assert client.get(notice.link).status_code == 200


def test_reconcile_now_is_a_button_for_whoever_may() -> None:
    viewer = signed_in("view_reconciliation", name="viewer")
    operator = signed_in("view_reconciliation", "add_reconciliation")
    now = reverse("admin:inventory_reconciliation_now")

    assert "Reconcile now" not in text_of(viewer.get(*list_of("inventory_reconciliation")))
    assert viewer.post(now).status_code == 403
    assert AuditEntry.objects.get().allowed is False
    assert "Reconcile now" in text_of(operator.get(*list_of("inventory_reconciliation")))
    assert operator.get(now).status_code == 405
    assert not Reconciliation.objects.exists()

    answer = operator.post(now, follow=True)

    row = Reconciliation.objects.get()
    assert answer.redirect_chain == [(detail("inventory_reconciliation", row.pk), 302)]
    assert "are being compared" in text_of(answer)
    live = reverse("admin:inventory_reconciliation_live", args=[row.pk])
    assert f'hx-get="{live}"' in text_of(answer)
    from inventory.ledger.reconcile import answer_all

    answer_all()
    done = text_of(operator.get(live))
    assert "Ledger and levels agree" in done
    assert "hx-get" not in done


def test_a_difference_is_shown_with_what_each_side_says() -> None:
    row = broken()
    text = text_of(signed_in("view_reconciliation").get(detail("inventory_reconciliation", row.pk)))

    assert "Ledger and levels differ" in text
    assert "8 / 0" in text
    assert text.count("5 / 0") == 2
    assert "The level was changed without a movement." in text


def test_the_home_page_says_that_they_differ_to_whoever_may_know() -> None:
    row = broken()
    home: Any = reverse("admin:index")

    text = text_of(signed_in("view_reconciliation").get(home))
    assert "1 stock level differs from the ledger." in text
    assert detail("inventory_reconciliation", row.pk) in text
    assert "differs from the ledger" not in text_of(signed_in("view_job", name="other").get(home))


def test_the_banner_goes_when_they_agree_again() -> None:
    broken()
    StockLevel.objects.update(on_hand=5)
    reconcile()
    assert "differs from the ledger" not in text_of(signed_in("view_reconciliation").get(reverse("admin:index")))


def test_gauges_tell_what_is_low_what_differs_and_what_waits() -> None:
    low(2)
    broken()
    told = {
        (sample.name, *sample.labels.values()): sample.value
        for family in RegisteredGauges().collect()
        for sample in family.samples
    }
    assert told["nightshelf_low_stock", "low"] == 2
    assert told["nightshelf_low_stock", "out"] == 0
    assert told["nightshelf_stock_differing",] == 1
    assert [sample.value for sample in outbox.waiting()] == [3]
