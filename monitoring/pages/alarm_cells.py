"""Cells of the list of rules."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from monitoring.alarms.check import unit_of
from monitoring.alarms.judge import condition, written
from monitoring.alarms.tell import watched
from monitoring.alarms.words import Severity, State
from monitoring.models import AlarmRule, AlarmState
from pages import figures
from pages.list_cells import age, badge, linked

WIDE, TALL = 96, 28


def rule(of: AlarmRule) -> SafeString:
    return linked(f"{of.pk}/change/", of.name, watched(of))


def state(of: Any) -> SafeString:
    if not of.enabled:
        return badge("muted", "Disabled")
    current = current_of(of)
    if current is not None and current.fault:
        broken = format_html('<span class="ns-sub ns-bad-text">{}</span>', current.fault)
        return format_html("<div>{}{}</div>", badge("failed", "Cannot be evaluated"), broken)
    stands = State(of.stands)
    # How bad a red one is matters; of one that is not, the state is enough.
    word = Severity(of.severity).label.partition(":")[0] if stands == State.ALARM else stands.label
    tone = "warning" if stands == State.ALARM and of.severity != Severity.CRITICAL else stands
    return badge(tone, f"Alarm: {word.lower()}" if stands == State.ALARM else str(word))


def value(of: AlarmRule) -> SafeString:
    current = current_of(of)
    now = None if current is None else current.value
    return format_html(
        '<div class="ns-nowrap"><span class="ns-strong">{}</span><span class="ns-sub">limit {}</span></div>',
        written(now, unit_of(of)), condition(of),
    )  # fmt: skip


def points(of: AlarmRule) -> SafeString:
    """Those the evaluator looked at, as small bars beside the limit; in words for whoever does not see them."""
    current = current_of(of)
    told = current.datapoints if current else []
    values = [point["value"] for point in told]
    real = [number for number in values if number is not None]
    if not real:
        return SafeString('<span class="ns-muted">no data</span>')
    most = max(*real, of.threshold, 0) or 1.0
    width = WIDE / len(values)
    bars = format_html_join(
        "", '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>',
        (_bar(place, number, point["breach"], width, most)
         for place, (number, point) in enumerate(zip(values, told, strict=True)) if number is not None),
    )  # fmt: skip
    limit = TALL - TALL * max(of.threshold, 0) / most
    words = ", ".join(written(number, unit_of(of)) for number in values)
    return format_html(
        '<svg class="ns-alarm-spark" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>{}'
        '<line x1="0" x2="{}" y1="{}" y2="{}"/></svg>',
        WIDE, TALL, words, words, bars, WIDE, round(limit, 1), round(limit, 1),
    )  # fmt: skip


def since(of: AlarmRule) -> SafeString:
    current = current_of(of)
    return age(current.since) if current and of.enabled else SafeString("–")


def told(of: Any) -> SafeString:
    current = current_of(of)
    marks = []
    on = current is not None and current.state == State.ALARM
    said = getattr(current.transition, "acknowledgement", None) if on and current else None
    if said:
        marks.append(_mark("acknowledged", "Seen to", f"{said.by}: {said.note}"))
    if of.silenced:
        marks.append(_mark("muted", "Silenced", of.silenced))
    return SafeString(" ".join(marks))


def current_of(of: AlarmRule) -> AlarmState | None:
    return getattr(of, "current", None)


def _mark(tone: str, label: str, title: str) -> SafeString:
    return format_html('<span class="ns-badge ns-{}" title="{}">{}</span>', figures.tone(tone), title, label)


def _bar(place: int, number: float, breach: bool, width: float, most: float) -> tuple[object, ...]:
    height = max(TALL * max(number, 0) / most, 1.5)
    kind = "ns-over" if breach else "ns-within"
    return kind, round(place * width + 1, 1), round(TALL - height, 1), round(width - 2, 1), round(height, 1)
