"""How figures are written for people: durations, rates, shares, and the colour that a state has everywhere."""

from __future__ import annotations

from datetime import timedelta

MINUTE, HOUR, DAY = 60, 3600, 86_400
MOST_FAILURES = 5.0  # % of lines; above it a job needs a person (Y12, Y14)

TONES = {
    "waiting": "calm", "running": "busy", "finished": "good", "with_letters": "warn", "failed": "bad",
    "reading": "busy",
    "pending": "calm", "leased": "busy", "done": "good", "bisected": "calm", "poisoned": "bad", "abandoned": "bad",
    "open": "warn", "resolved": "good", "discarded": "calm", "replaced": "odd", "muted": "calm",
    "paused": "warn", "stopped": "bad", "cancelled": "calm", "put_right": "good", "skipped": "calm",
    "line": "bad", "file": "bad", "event": "warn", "poison": "bad", "conflict": "odd",
    "unreviewed": "calm", "confirmed": "good", "rejected": "bad",
    "uploaded": "calm", "due": "busy", "copied": "busy", "moved": "good", "uncleaned": "warn",
    "image": "warn", "migrationPending": "busy", "migrated": "good", "migrationFailed": "bad",
    "income": "good", "expense": "calm",
    "accepted": "good", "refused": "bad", "partly": "warn", "decided": "good", "posted": "good", "changed": "warn",
    "checking": "busy", "checked": "warn",
    "OK": "good", "ALARM": "bad", "INSUFFICIENT_DATA": "calm", "acknowledged": "busy",
    "critical": "bad", "warning": "warn", "info": "calm",
    "new": "calm", "sent": "good", "kept": "calm", "sending": "busy", "given_up": "bad", "unsure": "odd",
    "dropped": "calm",
    "draft": "busy", "active": "good", "archived": "calm",
}  # fmt: skip

# Where room is scarce.
SHORT = {"with_letters": "With letters", "waiting": "Waiting"}


def things(count: int, one: str) -> str:
    """`1 product`, `2,800 products`."""
    return f"{count:,} {one}{'' if count == 1 else 's'}"


def signed(text: str) -> str:
    """A true minus, as wide as a plus, in place of the hyphen of a number that is text."""
    return text.replace("-", "−")


def tone(state: str) -> str:
    return TONES.get(state, "calm")


def duration(value: float | timedelta | None) -> str:
    """Two units at most: `0.42 s`, `12.3 s`, `4 min 05 s`, `3 h 20 min`, `2 d 4 h`."""
    if value is None:
        return "–"
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    seconds = max(seconds, 0.0)
    if seconds < MINUTE:
        return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s"
    if seconds < HOUR:
        return f"{int(seconds // MINUTE)} min {int(seconds % MINUTE):02d} s"
    if seconds < DAY:
        return f"{int(seconds // HOUR)} h {int(seconds % HOUR // MINUTE):02d} min"
    return f"{int(seconds // DAY)} d {int(seconds % DAY // HOUR)} h"


def about(seconds: float) -> str:
    """A time that is only an estimate, in one unit: `12 s`, `4 min`, `3 h`."""
    if seconds < 1:
        return "1 s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * MINUTE:
        return f"{seconds / MINUTE:.0f} min"
    return f"{seconds / HOUR:.0f} h" if seconds < 2 * DAY else f"{seconds / DAY:.0f} d"


def percent(value: float) -> str:
    """Never rounds a failure away, nor a remainder up to the whole."""
    if 0 < value < 0.1:
        return "< 0.1 %"
    if 99.9 < value < 100:
        return "> 99.9 %"
    return f"{value:.1f} %" if value % 1 else f"{value:.0f} %"


def quantity(value: float | None, unit: str) -> str:
    """A value in its unit: seconds, percent, bytes, so many a second, or a bare number."""
    if value is None:
        return "–"
    if unit == "s":
        return f"{1000 * value:.3g} ms" if 0 < value < 0.1 else duration(value)
    if unit == "%":
        return percent(value)
    if unit == "bytes":
        return size(value)
    written = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
    return f"{written}/s" if unit == "/s" else written


def size(value: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} TB"


def failure_tone(rate: float) -> str:
    """Red above 5 %, amber above none."""
    if rate > MOST_FAILURES:
        return "bad"
    return "warn" if rate else "none"
