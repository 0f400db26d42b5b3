"""A posting's page: its lines, who did it and why, and the button that takes it back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Sum
from django.db.models.functions import Abs
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from inventory.ledger.refused import StockRefused
from inventory.ledger.reverse import reverse
from inventory.models import PostingKind, StockMovement, StockPosting, Stocktake
from inventory.pages import links
from inventory.pages.receive import chosen
from monitoring import audit
from pages.confirm import confirm_page, reason_field
from pages.figures import things

REVERSE = "inventory.reverse_stock"
A_PAGE = 100


class ReverseForm(forms.Form):
    reason = reason_field("Kept with the posting that takes this one back.")


def posting_page(request: HttpRequest, posting: StockPosting) -> dict[str, Any]:
    after = chosen(request.GET, "after") or 0
    lines = list(
        StockMovement.objects.filter(posting=posting, line__gt=after)
        .select_related("product", "location").order_by("line")[: A_PAGE + 1]
    )  # fmt: skip
    sums = _sums(posting)
    reversal = StockPosting.objects.filter(reverses=posting).first()
    may = request.user.has_perm(REVERSE) and reversal is None and posting.kind != PostingKind.REVERSAL
    return {
        "opts": None, "title": f"{posting.get_kind_display()} {posting.pk}", "posting": posting,
        "lines": lines[:A_PAGE], "more": lines[A_PAGE - 1].line if len(lines) > A_PAGE else None, "later": after > 0,
        "reversal": reversal, "may_reverse": may, "stocktake": Stocktake.objects.filter(posting=posting).first(),
        "sums": sums, "half": sums[1] // 2, "transfers": posting.kind == PostingKind.TRANSFER,
        "may_receive": request.user.has_perm("inventory.receive_stock"), "back": links.postings(),
    }  # fmt: skip


def reverse_page(request: HttpRequest, admin: Any, posting: StockPosting) -> HttpResponse:
    audit.permit(request.user, REVERSE, action="reverse", subject="stock", subject_id=posting.pk)
    form = ReverseForm(request.POST or None)
    if form.is_valid():
        try:
            done = reverse(posting, actor=request.user, reason=form.cleaned_data["reason"])
        except StockRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Taken back: posting {posting.pk} and this one cancel each other out.")
            return HttpResponseRedirect(links.posting(done.posting.pk))
    products, pieces, _ = _sums(posting)
    return confirm_page(
        request, admin, form, heading=f"Take back posting {posting.pk}", button="Take it back", danger=True,
        text=f"Each of its lines is posted the other way round ({things(pieces, 'piece')} in"
        f" {things(products, 'line')}). Both postings stay in the history. It cannot be taken back twice.",
        back=links.posting(posting.pk), crumb=f"{posting.get_kind_display()} {posting.pk}",
    )  # fmt: skip


def _sums(posting: StockPosting) -> tuple[int, int, int]:
    """(lines, pieces that moved, net change)."""
    found = posting.movements.order_by().aggregate(lines=Count("pk"), pieces=Sum(Abs("quantity")), net=Sum("quantity"))
    return found["lines"], found["pieces"] or 0, found["net"] or 0
