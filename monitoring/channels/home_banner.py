"""On the home page: that people were not told, as long as nobody has decided what is to become of it."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse

from monitoring.models import Delivery
from pages.banners import Banner


def tell(request: HttpRequest) -> Iterator[Banner]:
    if not request.user.has_perm("monitoring.view_delivery"):
        return
    failed = Delivery.objects.filter(status__in=("given_up", "unsure")).count()
    if failed:
        what = (
            "notice was not sent, or may not have been."
            if failed == 1
            else "notices were not sent, or may not have been."
        )
        yield Banner(
            "bad", f"{failed:,} {what}", "Somebody may not know what they were to be told.",
            reverse("admin:monitoring_delivery_changelist"), "Look at what failed",
        )  # fmt: skip
