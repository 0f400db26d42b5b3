"""On the home page: that ledger and levels differ, as long as the newest look says so."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse

from inventory.models import Reconciliation
from pages.banners import Banner


def tell(request: HttpRequest) -> Iterator[Banner]:
    if not request.user.has_perm("inventory.view_reconciliation"):
        return
    last = Reconciliation.objects.exclude(finished_at=None).defer("differences").order_by("-pk").first()
    if last is None or not last.differing:
        return
    what = "level differs" if last.differing == 1 else "levels differ"
    yield Banner(
        "bad",
        f"{last.differing:,} stock {what} from the ledger.",
        "A figure of stock cannot be trusted until it is found out why.",
        reverse("admin:inventory_reconciliation_change", args=[last.pk]),
        "Look at the differences",
    )
