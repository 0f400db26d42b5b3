"""The home page: what is going on now, what a range of time brought, and what waits for a person.

Whoever may not see something does not see it here either: each section asks for the permission of the page it leads to.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, DateTimeField, Func, Q, Sum
from django.http import HttpRequest
from django.utils import timezone

from batches.letters.open_now import open_letters
from batches.models import Chunk, DeadLetter, Job
from batches.pages import links, progress, reasons
from batches.pages.home_figures import Figure, figures_of
from batches.pages.home_now import lately
from batches.pages.home_queues import dead_queues, queues
from batches.pages.hours_chart import chart
from batches.pages.problems import worst
from batches.states import OPEN_CHUNKS, ChunkStatus, JobStatus, LetterStatus
from inventory.pages.low_now import low_now
from monitoring import canary
from monitoring.alarms import now as alarms
from monitoring.pages import time_range
from monitoring.pages.page import FIGURES
from pages import banners, figures
from pages.chart import OPTIONS

HOURS = 24
MOST_RUNNING, MOST_RECENT, MOST_REASONS, MOST_PROBLEMS, MOST_LOW = 10, 8, 8, 4, 6
SECTIONS = {
    "jobs": "batches.view_job",
    "letters": "batches.view_deadletter",
    "problems": "batches.view_lettergroup",
    "low_stock": "inventory.view_lowstock",
    "figures": FIGURES,
    "alarms": "monitoring.view_alarmrule",
}


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """django-unfold's DASHBOARD_CALLBACK."""
    now, may = timezone.now(), _may(request)
    return {
        **context,
        **live(request),
        "title": "Home",
        "zone": settings.TIME_ZONE,
        "banners": banners.of_home(request),
        **(running() | _day(now) | _recent() | _machinery() if may["jobs"] else {}),
        **(_waiting() if may["letters"] else {}),
        "problems": worst(MOST_PROBLEMS) if may["problems"] else [],
        "low": low_now(MOST_LOW) if may["low_stock"] else None,
    }


def live(request: HttpRequest) -> dict[str, Any]:
    """Figures, charts, queues and alarms: what the page fetches again while somebody looks at it."""
    may, range = _may(request), time_range.of_request(request)
    now = lately(range.now) if may["figures"] else None
    found = figures_of(request, range, now) if now else {}
    dead = dead_queues() if may["figures"] or may["letters"] else []
    waiting = [_dead_letters(dead)] if may["letters"] else []
    return {
        "may": may,
        "now": range.now,
        "range": range,
        "figures": [*found.get("figures", []), *waiting],
        "charts": found.get("charts", []),
        "queues": queues(range, now) if now else [],
        "dead_queues": dead,
        "alarms": alarms.summary() if may["alarms"] else None,
    }


def _may(request: HttpRequest) -> dict[str, bool]:
    return {section: request.user.has_perm(permission) for section, permission in SECTIONS.items()}


def _dead_letters(dead: list[Any]) -> Figure:
    """Of this moment, from the rows themselves."""
    letters, messages = open_letters(), sum(queue.waiting or 0 for queue in dead)
    note = f"{letters:,} open letters, {messages:,} messages in dead queues; now"
    tone = "warn" if letters + messages else "none"
    return Figure("Dead letters waiting", f"{letters + messages:,}", note, links.letters(status__exact="open"), tone)


def running() -> dict[str, Any]:
    """Also fetched by itself while something runs."""
    jobs = Job.objects.filter(status=JobStatus.RUNNING).order_by("-id")[: MOST_RUNNING + 1]
    shown = list(progress.of_jobs(jobs).values())
    return {"running": shown[:MOST_RUNNING], "more_running": len(shown) > MOST_RUNNING}


def _day(now: datetime) -> dict[str, Any]:
    hours = _hours(now)
    read, inserted, dead = (sum(hour[at] for hour in hours.values()) for at in range(3))
    rate = 100.0 * dead / read if read else 0.0
    return {
        "read": read,
        "inserted": inserted,
        "dead": dead,
        "failure_rate": rate,
        "failure_tone": figures.failure_tone(rate),
        "hours": [{"at": at, "read": hour[0], "inserted": hour[1], "dead": hour[2]} for at, hour in hours.items()],
        "chart": chart(hours) if read else "",
        "chart_options": OPTIONS,
    }


def _hours(now: datetime) -> dict[datetime, tuple[int, int, int]]:
    """(read, inserted, dead) of each of the last 24 hours, the empty ones too."""
    last = timezone.localtime(now).replace(minute=0, second=0, microsecond=0)
    hours = {last - timedelta(hours=back): (0, 0, 0) for back in reversed(range(HOURS))}
    first = min(hours)
    # Not by TruncHour: to turn each moment into local time takes three times as long.
    hour = Func(timedelta(hours=1), "finished_at", first, function="date_bin", output_field=DateTimeField())
    rows = (
        Chunk.objects.filter(status=ChunkStatus.DONE, finished_at__gte=first)
        .order_by()
        .values_list(hour)
        .annotate(Sum("read"), Sum("inserted"), Sum("dead"))
    )
    return hours | {at: (read, inserted, dead) for at, read, inserted, dead in rows}


def _waiting() -> dict[str, Any]:
    letters = DeadLetter.objects.filter(status=LetterStatus.OPEN)
    found = reasons.of_letters(letters, MOST_REASONS, status__exact=LetterStatus.OPEN)
    return {
        "reasons": found.reasons,
        "other_reasons": max(found.counted - sum(reason.count for reason in found.reasons), 0),
        "open_letters": found.counted,
        "open_letters_more": found.more,
    }


def _machinery() -> dict[str, Any]:
    return {
        "stalled_queues": [queue for queue in canary.state() if queue.stalled],
        "answered": canary.answered_of_late(),
        **Chunk.objects.filter(status__in=OPEN_CHUNKS).aggregate(
            pending_chunks=Count("pk"), leased_chunks=Count("pk", filter=Q(status=ChunkStatus.LEASED))
        ),
    }


def _recent() -> dict[str, Any]:
    jobs = Job.objects.exclude(status__in=[JobStatus.RUNNING]).order_by("-id")[:MOST_RECENT]
    return {"recent": list(progress.of_jobs(jobs).values())}
