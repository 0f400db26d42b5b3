"""A stocktake's page: what is to be counted, found by scanning or walked line by line, each line saved by itself."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render

from inventory.models import Stocktake, StocktakeLine, StocktakeStatus
from inventory.pages import links
from inventory.pages.receive import chosen as number
from inventory.pages.stocktake_rows import FOR_WHO_COUNTS_BLIND, SHOWN, Shown, a_page, chosen, show_one, shown
from inventory.scan import find_product
from inventory.stocktakes import count as count_verb
from inventory.stocktakes import post as post_verb
from inventory.stocktakes.add import add_product
from inventory.stocktakes.count import count_line, count_more
from inventory.stocktakes.differences import progress
from inventory.stocktakes.refused import Conflict, Refused
from inventory.stocktakes.verify import verify
from monitoring import audit


def stocktake_page(request: HttpRequest, stocktake: Stocktake) -> dict[str, Any]:
    """What the page's template is given."""
    may_post = request.user.has_perm(post_verb.PERMISSION)
    open_now = stocktake.status == StocktakeStatus.OPEN
    which, lines = chosen(stocktake, request.GET.dict(), blind=stocktake.blind and open_now)
    page, following = a_page(lines, number(request.GET, "after") or 0)
    tabs = [name for name in SHOWN if not (stocktake.blind and open_now) or name in FOR_WHO_COUNTS_BLIND]
    return {
        "opts": None, "stocktake": stocktake, "title": f"Stocktake {stocktake.pk}",
        "rows": shown(stocktake, page), "totals": progress(stocktake.pk), "show": which, "q": request.GET.get("q", ""),
        "tabs": [(name, SHOWN[name], links.stocktake(stocktake.pk, show=name)) for name in tabs],
        "next_url": links.stocktake(stocktake.pk, show=which, q=request.GET.get("q", ""), after=following)
        if following else "",
        "later": "after" in request.GET, "may_count": open_now and request.user.has_perm(count_verb.PERMISSION),
        "may_post": may_post and open_now, "current": _current(request, stocktake),
        "each": request.GET.get("each") == "1", "back": links.stocktake(stocktake.pk),
    }  # fmt: skip


def save_line(request: HttpRequest, stocktake: Stocktake, line_id: int) -> HttpResponse:
    """One line, sent by htmx as it is left, or by its button: saved, or why it was not, with what was typed."""
    audit.permit(request.user, count_verb.PERMISSION, action="count", subject="stocktake", subject_id=stocktake.pk)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    typed = request.POST.get("counted", "").strip()[:20]
    if not StocktakeLine.objects.filter(pk=line_id, stocktake=stocktake).exists():
        return _answer(request, stocktake, None, "This line is not in the stocktake any more: load the page again.")
    try:
        _save(request, line_id, typed)
    except Conflict as conflict:
        return _answer(request, stocktake, show_one(stocktake, line_id, conflict=str(conflict), typed=typed))
    except Refused as refusal:
        stocktake.refresh_from_db()
        return _answer(request, stocktake, show_one(stocktake, line_id, conflict=str(refusal), typed=typed))
    return _answer(request, stocktake, show_one(stocktake, line_id, saved=True))


def scan(request: HttpRequest, stocktake: Stocktake) -> HttpResponse:
    """A code: its line is shown to be counted, or counted one more where each scan is a piece."""
    audit.permit(request.user, count_verb.PERMISSION, action="count", subject="stocktake", subject_id=stocktake.pk)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    code, each = request.POST.get("code", "").strip()[:64], request.POST.get("each") == "1"
    product = find_product(code)
    if product is None:
        tail = links.register(code) if code and request.user.has_perm("catalog.add_product") else ""
        messages.warning(
            request, f"No product has the SKU or barcode {code}." if code else "Scan or type a code first."
        )
        return HttpResponseRedirect(
            links.stocktake(stocktake.pk, unknown=code if tail else "", each="1" if each else "")
        )
    line = StocktakeLine.objects.filter(stocktake=stocktake, product=product).first()
    try:
        if line is None and request.POST.get("add") == "1":
            line = add_product(stocktake.pk, product.pk, actor=request.user)
        if line is not None and each:
            counted = count_more(line.pk, 1, actor=request.user).counted
            messages.success(request, f"{product.sku}: {counted:,}")
    except Refused as refusal:
        messages.warning(request, str(refusal))
    if line is None:
        return HttpResponseRedirect(links.stocktake(stocktake.pk, found=product.sku, each="1" if each else ""))
    return HttpResponseRedirect(links.stocktake(stocktake.pk, line=line.pk, each="1" if each else ""))


def _save(request: HttpRequest, line_id: int, typed: str) -> None:
    """Sent by its button or Enter (`step=count`) it is a count; sent because the tick was touched, a tick."""
    sent = request.POST
    given: dict[str, Any] = {
        "version": number(sent, "version") or 0, "verified": sent.get("verified") == "1", "actor": request.user,
    }  # fmt: skip
    if not typed:
        raise Refused("Type how many there are: 0 if there are none.")
    if not (typed.isascii() and typed.isdigit()):
        raise Refused(f"“{typed}” is no count: type a whole number, 0 or more.")
    # The books' figure, left as it was offered: taken only if the books still say so.
    as_shown = sent.get("counted_before") != "1" and typed == sent.get("was")
    if as_shown or (typed == sent.get("was") and sent.get("step") != "count"):
        verify(line_id, shown=number(sent, "shown"), **given)
    else:
        count_line(line_id, int(typed), **given)


def _current(request: HttpRequest, stocktake: Stocktake) -> dict[str, Any] | None:
    """What was scanned last: its line, or a product that is not on the list, or a code that nobody knows."""
    asked = request.GET
    line = number(asked, "line")
    if line and StocktakeLine.objects.filter(pk=line, stocktake=stocktake).exists():
        return {"row": show_one(stocktake, line, first=True)}
    if sku := asked.get("found"):
        product = find_product(sku)
        return {"product": product} if product else None
    if code := asked.get("unknown"):
        return {"unknown": code[:64], "register": links.register(code[:64])}
    return None


def _answer(request: HttpRequest, stocktake: Stocktake, row: Shown | None, fault: str = "") -> HttpResponse:
    """The line alone for htmx, beside the progress; the page anew for a form that was sent without scripts."""
    if request.headers.get("HX-Request") != "true":
        said = fault or (row.conflict if row else "")
        if said:
            messages.warning(request, said)
        line = row.line.pk if row else ""
        return HttpResponseRedirect(links.stocktake(stocktake.pk, show=request.POST.get("show", ""), line=line))
    context = {
        "row": row, "fault": fault, "stocktake": stocktake, "totals": progress(stocktake.pk),
        "may_count": stocktake.status == StocktakeStatus.OPEN, "live": True, "show": request.POST.get("show", ""),
    }  # fmt: skip
    response = render(request, "nightshelf/stock/count_saved.html", context)
    response["Cache-Control"] = "no-store"
    return response
