"""The cells of the list of products. What all rows of a page need is fetched together, in `prepare`."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.categories import tree
from catalog.models import Product
from catalog.pages import links
from catalog.pages.thumbnail import thumbnails
from catalog.stock_column import stock_of
from pages.list_cells import age, badge
from pages.templatetags.nightshelf import amount

ADJUST = "inventory.add_stockposting"


def may_adjust(user: Any) -> bool:
    return bool(user.has_perm(ADJUST))


def prepare(rows: list[Any], *, adjustable: bool) -> None:
    """Three queries: categories, stock, pictures."""
    numbers = [row.pk for row in rows]
    trails, stocks, pictures = tree.trails(row.category for row in rows), stock_of(numbers), thumbnails(numbers)
    for row in rows:
        row.trail = trails.get(row.category_id, "")
        row.stock = stocks.get(row.pk)
        row.picture = pictures[row.pk].link if row.pk in pictures else ""
        row.adjust = links.adjust(row.pk) if adjustable else ""


def product(row: Any) -> SafeString:
    image = (
        format_html('<img class="ns-tiny" src="{}" alt="" loading="lazy" width="40" height="40">', row.picture)
        if row.picture
        else SafeString('<span class="ns-tiny ns-tiny-none material-symbols-outlined" aria-hidden="true">image</span>')
    )
    return format_html(
        '<div class="ns-product">{}<div class="ns-wide ns-id"><a href="{}" class="ns-strong">{}</a>'
        '<span class="ns-sub">{}{}</span></div></div>',
        image, links.page("product", row.pk), row.name, row.sku, f" · {row.barcode}" if row.barcode else "",
    )  # fmt: skip


def category(row: Any) -> SafeString:
    above, _, name = row.trail.rpartition(tree.BETWEEN)
    if not name:
        return SafeString('<span class="ns-muted">–</span>')
    return format_html('<div class="ns-wide">{}<span class="ns-sub">{}</span></div>', name, above)


def price(row: Product) -> SafeString:
    if row.sale_price is None:
        return format_html('<span class="ns-amount">{}</span>', amount(row.price))
    return format_html(
        '<span class="ns-amount ns-sale">{}</span><span class="ns-sub"><s>{}</s></span>',
        amount(row.sale_price), amount(row.price),
    )  # fmt: skip


def stock(row: Any) -> SafeString:
    """Looked at here, changed by its own page alone: every change of stock is in the ledger."""
    told = SafeString('<span class="ns-muted">–</span>')
    if row.stock:
        on_hand, available = row.stock
        told = format_html(
            '<span class="ns-amount{}">{}</span><span class="ns-sub">{} available</span>',
            "" if available > 0 else " ns-bad-text", f"{on_hand:,}", f"{available:,}",
        )  # fmt: skip
    if not row.adjust:
        return told
    return format_html(
        '<div class="ns-nowrap">{}'
        ' <a class="ns-link ns-small" href="{}" aria-label="Adjust the stock of {}">Adjust</a></div>',
        told, row.adjust, row.sku,
    )  # fmt: skip


def status(row: Product) -> SafeString:
    marks = [word for word, is_so in (("New", row.is_new), ("Featured", row.is_featured)) if is_so]
    return format_html(
        '{}<span class="ns-sub">{}</span>', badge(row.status, row.get_status_display()), " · ".join(marks)
    )


def updated(row: Product) -> SafeString:
    return age(row.updated_at)
