"""Before a stocktake is posted: what differs, in pieces and money, and what becomes of lines nobody counted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import F, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.widgets import UnfoldAdminTextareaWidget

from inventory.models import StockLevel, Stocktake, StocktakeStatus
from inventory.pages import links
from inventory.pages.receive import chosen as number
from inventory.pages.stocktake_rows import to_count_again
from inventory.stocktakes.cancel import cancel_stocktake
from inventory.stocktakes.differences import Totals, differences, totals
from inventory.stocktakes.moved import Moved, moved
from inventory.stocktakes.post import LEAVE, PERMISSION, ZERO, post_stocktake
from inventory.stocktakes.refused import Refused
from monitoring import audit
from pages.confirm import ReasonForm, confirm_page
from pages.figures import things

A_PAGE = 100


class ReviewForm(forms.Form):
    uncounted = forms.ChoiceField(
        label="Lines that nobody counted", required=False, widget=forms.RadioSelect(),
        choices=[(LEAVE, "Leave their levels as they are"), (ZERO, "Count them as zero: they are not there")],
    )  # fmt: skip
    reason = forms.CharField(
        label="Note", required=False, max_length=2000, widget=UnfoldAdminTextareaWidget({"rows": 2}),
        help_text="Kept with the posting.",
    )  # fmt: skip


def review_page(request: HttpRequest, admin: Any, stocktake: Stocktake) -> HttpResponse:
    audit.permit(request.user, PERMISSION, action="post", subject="stocktake", subject_id=stocktake.pk)
    form = ReviewForm(request.POST or None, initial={"reason": stocktake.note})
    if request.method == "POST" and form.is_valid():
        try:
            done = post_stocktake(
                stocktake.pk, uncounted=form.cleaned_data["uncounted"], reason=form.cleaned_data["reason"],
                actor=request.user,
            )  # fmt: skip
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            _say(request, done.posting is None, done.repeated)
            return HttpResponseRedirect(
                links.posting(done.posting.pk) if done.posting else links.stocktake(stocktake.pk)
            )
    return _page(request, admin, stocktake, form)


def cancel_page(request: HttpRequest, admin: Any, stocktake: Stocktake) -> HttpResponse:
    audit.permit(request.user, PERMISSION, action="cancel", subject="stocktake", subject_id=stocktake.pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            cancel_stocktake(stocktake.pk, reason=form.cleaned_data["reason"], actor=request.user)
            messages.success(request, "Cancelled: nothing of it is posted. What was counted stays to be read.")
        except Refused as refusal:
            messages.warning(request, str(refusal))
        return HttpResponseRedirect(links.stocktake(stocktake.pk))
    counted = totals(stocktake.pk).counted
    return confirm_page(
        request, admin, form, heading=f"Cancel stocktake {stocktake.pk}", button="Cancel it", danger=True,
        text=f"What was counted ({things(counted, 'line')}) is not posted. It cannot be opened again.",
        back=links.stocktake(stocktake.pk), crumb=f"Stocktake {stocktake.pk}",
    )  # fmt: skip


def _say(request: HttpRequest, nothing: bool, repeated: bool) -> None:
    if repeated:
        messages.info(request, "It was posted already, when this was confirmed the first time: nothing was done twice.")
    elif nothing:
        messages.success(
            request, "Closed: every line that was counted is as the books say, so there is nothing to post."
        )
    else:
        messages.success(request, "Posted. The levels are what was counted, and what moved since.")


def _page(request: HttpRequest, admin: Any, stocktake: Stocktake, form: ReviewForm) -> HttpResponse:
    after = number(request.GET, "after") or 0
    lines = list(differences(stocktake.pk).filter(pk__gt=after)[: A_PAGE + 1])
    page, what_moved, sums = lines[:A_PAGE], moved(lines[:A_PAGE]), totals(stocktake.pk)
    context = {
        "title": f"Review stocktake {stocktake.pk}", "opts": None, "stocktake": stocktake, "form": form,
        "totals": sums, "rows": [(line, what_moved.get(line.pk, Moved())) for line in page],
        "next_url": links.stocktake(stocktake.pk, "review", after=page[-1].pk) if len(lines) > A_PAGE else "",
        "later": after > 0, "contested": to_count_again(stocktake), "back": links.stocktake(stocktake.pk),
        "open": stocktake.status == StocktakeStatus.OPEN, "would_take": _would_take(stocktake, sums),
        "unverified": sums.counted - sums.verified,
    }  # fmt: skip
    response = admin.rendered(request, "nightshelf/stock/stocktake_review.html", context)
    response.status_code = 422 if form.errors else 200
    return response  # type: ignore[no-any-return]


def _would_take(stocktake: Stocktake, sums: Totals) -> int:
    """Pieces that would leave the books if uncounted lines were counted as zero."""
    if not sums.uncounted:
        return 0
    levels = StockLevel.objects.filter(
        location=stocktake.location_id,
        product__in=stocktake.lines.filter(counted=None).values("product"),
    )
    return levels.aggregate(pieces=Sum(F("on_hand")))["pieces"] or 0
