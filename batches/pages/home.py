"""The home page: what is going on now, what the last 24 hours brought, and what waits for a person."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncHour
from django.http import HttpRequest
from django.utils import timezone

from batches.models import Chunk, DeadLetter, Job
from batches.pages import progress, reasons
from batches.pages.hours_chart import chart
from batches.pages.problems import worst
from batches.states import OPEN_CHUNKS, ChunkStatus, JobStatus, LetterStatus
from monitoring import canary
from pages import banners, figures
from pages.chart import OPTIONS

HOURS = 24
MOST_RUNNING, MOST_RECENT, MOST_REASONS, MOST_PROBLEMS = 10, 8, 8, 4


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """django-unfold's DASHBOARD_CALLBACK."""
    now = timezone.now()
    return {
        **context,
        "title": "Home",
        "now": now,
        "zone": settings.TIME_ZONE,
        "banners": banners.of_home(request),
        **running(),
        **_day(now),
        **_waiting(),
        **_recent(),
        "problems": worst(MOST_PROBLEMS),
        "stalled_queues": [queue for queue in canary.state() if queue.stalled],
    }


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
    rows = (
        Chunk.objects.filter(status=ChunkStatus.DONE, finished_at__gte=first)
        .order_by()
        .values_list(TruncHour("finished_at"))
        .annotate(Sum("read"), Sum("inserted"), Sum("dead"))
    )
    return hours | {at: (read, inserted, dead) for at, read, inserted, dead in rows}


def _waiting() -> dict[str, Any]:
    letters = DeadLetter.objects.filter(status=LetterStatus.OPEN)
    found, more = reasons.of_letters(letters, status__exact=LetterStatus.OPEN)
    return {
        "reasons": found[:MOST_REASONS],
        "other_reasons": sum(reason.count for reason in found[MOST_REASONS:]),
        "open_letters": min(sum(reason.count for reason in found), reasons.MOST_COUNTED),
        "open_letters_more": more,
        **Chunk.objects.filter(status__in=OPEN_CHUNKS).aggregate(
            pending_chunks=Count("pk"), leased_chunks=Count("pk", filter=Q(status=ChunkStatus.LEASED))
        ),
    }


def _recent() -> dict[str, Any]:
    jobs = Job.objects.exclude(status__in=[JobStatus.RUNNING]).order_by("-id")[:MOST_RECENT]
    return {"recent": list(progress.of_jobs(jobs).values())}
