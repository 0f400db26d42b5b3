"""The cells of a job in the list. They have ids, so that a running job's cells are replaced in place."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from batches.pages.progress import Progress

COUNTS = ("read", "inserted", "updated", "unchanged", "superseded")
NAMES = ("name", "state", "progress", *COUNTS, "dead", "times")
CHANGING = NAMES[1:]


def cell(name: str, progress: Progress, *, replacing: bool = False) -> SafeString:
    """`replacing` marks it for htmx to put in the place of the one with the same id."""
    return format_html(
        '<div id="job-{}-{}" class="ns-cell ns-cell-{}"{}>{}</div>',
        progress.job.pk,
        name,
        "count" if name in COUNTS else name,
        SafeString(' hx-swap-oob="true"') if replacing else "",
        _content(name, progress),
    )


def cells(progress: Progress) -> list[SafeString]:
    """Everything about a job that changes while it runs."""
    return [cell(name, progress, replacing=True) for name in CHANGING]


def _content(name: str, progress: Progress) -> SafeString:
    if name in COUNTS:
        count = getattr(progress.balance, name)
        return format_html('<span class="{}">{}</span>', "ns-zero" if not count else "", f"{count:,}")
    return render_to_string(f"nightshelf/jobs/{name}.html", {"progress": progress, "job": progress.job})
