"""How far jobs are, how fast they are read, and when they will be through. Two queries for any number of jobs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Max, Min, Sum, Value
from django.utils import timezone

from batches import balance
from batches.balance import Balance
from batches.models import Chunk, Job
from batches.states import ChunkStatus, JobStatus
from pages import figures

# A rate of the last minute tells when the job will be through; an average since its start would not, once it was
# interrupted or a further file has landed.
WINDOW = timedelta(seconds=60)


@dataclass(frozen=True)
class Progress:
    """`rate` in lines a second, `remaining` in seconds; None while nothing can be said."""

    job: Job
    balance: Balance
    rate: float | None = None
    remaining: float | None = None

    @property
    def running(self) -> bool:
        return self.job.status == JobStatus.RUNNING

    @property
    def percent(self) -> float:
        """Of the bytes: those that were read. What was given up is not."""
        if self.job.status == JobStatus.WAITING:
            return 0.0
        given_up = 100.0 * self.balance.unread / self.balance.size if self.balance.size else 0.0
        return self.balance.percent - given_up

    @property
    def whole_percent(self) -> int:
        return int(self.percent)

    @property
    def failure_tone(self) -> str:
        return figures.failure_tone(self.balance.failure_rate)

    @property
    def seconds(self) -> float | None:
        """From the first byte to the last."""
        if not (self.job.started_at and self.job.finished_at):
            return None
        return float((self.job.finished_at - self.job.started_at).total_seconds())

    @property
    def throughput(self) -> float | None:
        """Lines a second: of the last minute while it runs, over all its time when it is through."""
        if self.running:
            return self.rate
        return self.balance.read / self.seconds if self.seconds and self.balance.read else None

    @property
    def sentence(self) -> str:
        """One short line below the bar."""
        if self.job.status == JobStatus.WAITING:
            return "nothing has landed yet"
        if self.running:
            return self._outlook()
        if self.throughput:
            return f"{self.throughput:,.0f} lines/s · {figures.duration(self.seconds)}"
        return figures.duration(self.seconds) if self.seconds else ""

    def _outlook(self) -> str:
        if self.rate is None:
            return f"{self.whole_percent} % · waiting for a worker"
        left = f" · {figures.about(self.remaining)} left" if self.remaining is not None else ""
        return f"{self.whole_percent} % · {self.rate:,.0f} lines/s{left}"


def of_jobs(jobs: Iterable[Job]) -> dict[int, Progress]:
    jobs = list(jobs)
    balances = balance.of_jobs(job.pk for job in jobs)
    paces = _paces([job.pk for job in jobs if job.status == JobStatus.RUNNING])
    return {job.pk: _progress(job, balances.get(job.pk, Balance()), paces.get(job.pk)) for job in jobs}


def of_job(job: Job) -> Progress:
    return of_jobs([job])[job.pk]


def _progress(job: Job, sums: Balance, pace: tuple[float, float] | None) -> Progress:
    if pace is None:
        return Progress(job, sums)
    lines, size = pace
    return Progress(job, sums, rate=lines, remaining=sums.pending / size if size else None)


def _paces(job_pks: list[int]) -> dict[int, tuple[float, float]]:
    """(lines, bytes) a second, by job, of the chunks finished within the window."""
    if not job_pks:
        return {}
    now = timezone.now()
    took = ExpressionWrapper(F("seconds") * Value(timedelta(seconds=1)), DurationField())
    began = ExpressionWrapper(F("finished_at") - took, DateTimeField())
    rows = (
        Chunk.objects.filter(job__in=job_pks, status=ChunkStatus.DONE, finished_at__gte=now - WINDOW)
        .order_by()
        .values("job_id")
        .annotate(lines=Sum("read"), size=Sum(F("end") - F("start")), first=Min(began), last=Max("finished_at"))
    )
    return {row["job_id"]: _pace(row["lines"], row["size"], row["first"], row["last"]) for row in rows}


def _pace(lines: int, size: int, first: datetime, last: datetime) -> tuple[float, float]:
    # To the last finished chunk, not to now: the page is asked in between two of them.
    elapsed = max(min((last - first).total_seconds(), WINDOW.total_seconds()), 0.001)
    return lines / elapsed, size / elapsed
