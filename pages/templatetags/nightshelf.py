"""What Nightshelf's templates write with. Formatting only: no queries, no decisions."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django import template
from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.html import format_html
from django.utils.safestring import SafeString

from pages import figures

register = template.Library()


@register.filter
def number(value: int | None) -> str:
    """12,345; a dash for what is not known."""
    return "–" if value is None else intcomma(value, use_l10n=False)


@register.filter
def signed(value: int) -> str:
    """+12,345, −3; a dash for no change."""
    return figures.signed(f"{value:+,}") if value else "–"


@register.filter
def amount(value: Decimal | None) -> str:
    """Money, without cents where there are none."""
    if value is None:
        return "–"
    return figures.signed(f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}")


@register.filter
def duration(value: float | timedelta | None) -> str:
    return figures.duration(value)


@register.filter
def percent(value: float) -> str:
    return figures.percent(value)


@register.filter
def quantity(value: float | None, unit: str) -> str:
    return figures.quantity(value, unit)


@register.filter
def css(value: float) -> str:
    """A number as style sheets write it."""
    return f"{value:.3f}"


@register.filter
def tone(state: str) -> str:
    return figures.tone(state)


@register.simple_tag
def badge(state: str, label: str) -> SafeString:
    return format_html('<span class="ns-badge ns-{}">{}</span>', figures.tone(state), label)


@register.simple_tag
def short_badge(state: str, label: str) -> SafeString:
    short = figures.SHORT.get(state, label)
    return format_html('<span class="ns-badge ns-{}" title="{}">{}</span>', figures.tone(state), label, short)


@register.simple_tag
def business_zone() -> str:
    return str(settings.TIME_ZONE)
