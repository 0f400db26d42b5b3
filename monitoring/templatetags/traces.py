"""What the templates of traces, and those that lead to them, write with."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from pages import figures

register = template.Library()


@register.filter
def spell(seconds: float | None) -> str:
    """A time as short as a statement's: `0.4 ms`, `12 ms`, then as all durations."""
    if seconds is None or seconds >= 1:
        return figures.duration(seconds)
    milliseconds = 1000 * max(seconds, 0.0)
    return f"{milliseconds:.0f} ms" if milliseconds >= 10 else f"{milliseconds:.2g} ms"


@register.simple_tag(takes_context=True)
def trace_link(context: Any, trace_id: str | None) -> SafeString:
    """The id; a link to its trace, or to what else is kept under it, for whoever may see traces."""
    if not trace_id:
        return SafeString("–")
    request = context.get("request")
    if request is None or not request.user.has_perm("monitoring.view_trace"):
        return format_html("<code>{}</code>", trace_id)
    address = f"{reverse('monitoring:traces')}?{urlencode({'id': trace_id})}"
    return format_html('<a class="ns-link" href="{}"><code>{}</code></a>', address, trace_id)
