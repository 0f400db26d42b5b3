"""Small pieces that the lists' cells are made of."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from pages import figures


def badge(state: str, label: str) -> SafeString:
    return format_html('<span class="ns-badge ns-{}">{}</span>', figures.tone(state), label)


def stacked(first: str, second: str, *, wrap: bool = False) -> SafeString:
    """Two lines, the second one quieter."""
    return format_html(
        '<div class="{}">{}<span class="ns-sub">{}</span></div>',
        "ns-wide ns-id" if wrap else "", first, second,
    )  # fmt: skip


def linked(url: str, first: str, second: str = "") -> SafeString:
    return format_html(
        '<div class="ns-wide ns-id"><a href="{}" class="ns-strong">{}</a><span class="ns-sub">{}</span></div>',
        url, first, second,
    )  # fmt: skip


def excerpt(text: str) -> SafeString:
    return format_html('<code class="ns-excerpt">{}</code>', text) if text else SafeString("")


def moment(at: datetime | None) -> SafeString:
    if at is None:
        return SafeString("–")
    local = timezone.localtime(at)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), date_format(local, "j M Y, H:i"))


def age(at: datetime) -> SafeString:
    """How long ago, with the moment itself at hand."""
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(), date_format(local, "j M Y, H:i:s"), figures.about((timezone.now() - at).total_seconds()),
    )  # fmt: skip
