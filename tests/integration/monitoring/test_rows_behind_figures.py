"""A figure of the shop opens the rows that it counts, and none that were written outside of its time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory
from django.utils import timezone

from batches.models import ImageUpload, Redrive
from catalog.products.save_product import save_product
from inventory.ledger.ship import ship
from monitoring import audit
from monitoring.models import Delivery
from monitoring.pages import behind
from monitoring.pages.behind import Asked
from tests.catalog import a_product, an_editor
from tests.channels import a_channel, a_notice
from tests.integration.pages import person, signed_in
from tests.moves import uploaded
from tests.redrives import an_operator, dead_letters
from tests.stock import item, stocked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore:No directory at")]
MINUTE = timedelta(minutes=1)


def rows(metric: str, *permissions: str, earlier: int = 0, failed: bool = False, **labels: str) -> list[str] | None:
    """What the list behind a figure of the present minutes shows; None where the figure opens none."""
    name = f"watcher {User.objects.count()}"
    request, client = RequestFactory().get("/"), signed_in(*permissions, name=name)
    request.user = User.objects.get(username=name)
    end = timezone.now() + MINUTE - earlier * MINUTE
    url = behind.url(metric, Asked(end - 5 * MINUTE, end, labels, failed=failed), request)
    if not url:
        return None
    page = client.get(url)
    assert page.status_code == 200, url
    return [str(row) for row in page.context["cl"].result_list]


def a_delivery(status: str) -> Delivery:
    return Delivery.objects.create(notice=a_notice(), channel=a_channel(), status=status, tried_at=timezone.now())


def test_postings_open_their_movements() -> None:
    level, by = stocked(10), person("ship_stock")
    ship([item(level, 3)], key="order-1", actor=by)

    (shipped,) = rows("stock.postings", "view_stockmovement", kind="shipment") or []
    assert shipped.startswith("shipment -3")
    assert rows("stock.postings", "view_stockmovement", kind="transfer") == []
    assert rows("stock.postings", "view_stockmovement", kind="shipment", earlier=10) == []
    assert rows("stock.postings", "view_product", kind="shipment") is None


def test_edits_open_the_changes_of_products() -> None:
    product = a_product()
    save_product(product.pk, {"name": "Cup"}, seen=1, actor=an_editor())

    assert len(rows("product.edits", "view_auditentry") or []) >= 1
    assert rows("product.edits", "view_auditentry", earlier=10) == []
    assert rows("product.edits", "view_product") is None


def test_actions_open_what_was_done_and_what_was_refused() -> None:
    somebody = person("view_product")
    audit.record(somebody, action="mute", subject="alarm rule", subject_id=1)
    with pytest.raises(PermissionDenied):
        audit.permit(somebody, "monitoring.mute_alarm", action="mute", subject="alarm rule", subject_id=2)

    assert len(rows("admin.actions", "view_auditentry", action="mute") or []) == 2
    assert len(rows("admin.actions", "view_auditentry", action="mute", failed=True) or []) == 1
    assert rows("admin.actions", "view_auditentry", action="unmute") == []
    assert rows("admin.actions", "view_auditentry", earlier=10) == []
    assert rows("admin.actions", "view_product", action="mute") is None


def test_moves_open_their_images_and_those_given_up() -> None:
    moved, given_up, _ = uploaded(range(3))
    now = timezone.now()
    ImageUpload.objects.filter(pk=moved.pk).update(status="moved", moved_key="processed/0.png", moved_at=now)
    ImageUpload.objects.filter(pk=given_up.pk).update(status="failed", error="It is gone.", failed_at=now)

    assert rows("batch.images", "view_imageupload") == [str(moved)]
    assert rows("batch.images", "view_imageupload", failed=True) == [str(given_up)]
    assert rows("batch.images", "view_imageupload", earlier=10) == []
    assert rows("batch.images", "view_product") is None


def test_redriven_letters_open_the_redrives_of_their_time() -> None:
    now = timezone.now()
    asked = {"created_by": an_operator(), "created_at": now - 60 * MINUTE, "trace_id": "1" * 32}
    over = Redrive.objects.create(**asked, intent_id="1", status="finished", finished_at=now - 30 * MINUTE)
    long = Redrive.objects.create(**asked, intent_id="2")

    assert rows("batch.redriven", "view_redrive") == [str(long)]
    assert rows("batch.redriven", "view_redrive", earlier=32) == [str(long), str(over)]
    assert rows("batch.redriven", "view_redrive", earlier=90) == []
    assert rows("batch.redriven", "view_product") is None


def test_dead_lines_open_their_letters() -> None:
    (letter,) = dead_letters(1)

    assert rows("batch.lines", "view_deadletter", failed=True) == [str(letter)]
    assert rows("batch.lines", "view_deadletter", failed=True, earlier=10) == []
    assert rows("batch.lines", "view_product", failed=True) is None
    assert rows("batch.lines", "view_product") is None


def test_lines_open_the_traces_of_their_chunks() -> None:
    request, now = RequestFactory().get("/"), timezone.now()
    request.user = person("view_trace")

    assert "name=chunk" in behind.url("batch.lines", Asked(now - MINUTE, now, {"kind": "receipts"}), request)


def test_notices_sent_open_their_deliveries() -> None:
    sent, unsure = a_delivery("sent"), a_delivery("unsure")

    assert rows("notices.sent", "view_delivery", kind="webhook") == [str(unsure), str(sent)]
    assert rows("notices.sent", "view_delivery", kind="webhook", failed=True) == [str(unsure)]
    assert rows("notices.sent", "view_delivery", kind="slack") == []
    assert rows("notices.sent", "view_delivery", earlier=10) == []
    assert rows("notices.sent", "view_product") is None


@pytest.mark.parametrize("metric", ["outbox.waiting", "deliveries.failed"])
def test_notices_that_wait_open_their_list(metric: str) -> None:
    assert rows(metric, "view_delivery") == []
    assert rows(metric, "view_product") is None
