"""Dead letters by reason: how many, and one to look at. Counted exactly for a job, up to 10,000 elsewhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count, QuerySet

from batches.models import DeadLetter, Job
from batches.pages import links

MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Reason:
    code: str
    count: int
    sample: DeadLetter
    url: str
    share: float  # of the most frequent one, in %: the length of its bar


class Reasons(NamedTuple):
    """The most frequent ones; how many letters were counted, all reasons together, and whether there are more."""

    reasons: list[Reason]
    counted: int
    more: bool


def of_job(job: Job) -> list[Reason]:
    """An index-only count by (job, reason), and the newest letter of each."""
    letters = DeadLetter.objects.filter(job=job)
    rows = letters.order_by().values_list("code").annotate(count=Count("*"))
    return _reasons(dict(rows), None, letters, job=job.job_id)


def of_letters(letters: QuerySet[DeadLetter], most: int | None = None, **where: object) -> Reasons:
    """The newest 10,000 of the letters by reason; `most` reasons, or all of them."""
    # Counted here: a database that groups the newest of them would look each of them up a second time.
    counts = Counter(letters.order_by("-id").values_list("code", flat=True)[: MOST_COUNTED + 1])
    counted = sum(counts.values())
    return Reasons(_reasons(counts, most, letters, **where), min(counted, MOST_COUNTED), counted > MOST_COUNTED)


def _reasons(counts: dict[str, int], most: int | None, letters: QuerySet[DeadLetter], **where: object) -> list[Reason]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]
    samples = _samples(letters, [code for code, _ in ordered])
    return [
        Reason(code, count, samples[code], links.letters(**where, code=code), 100.0 * count / ordered[0][1])
        for code, count in ordered
        if code in samples
    ]


def _samples(letters: QuerySet[DeadLetter], codes: list[str]) -> dict[str, DeadLetter]:
    # One LIMIT 1 for each reason, all in one query: each is answered by the index that begins with job or reason.
    newest = [letters.filter(code=code).order_by("-id")[:1] for code in codes]
    if not newest:
        return {}
    found = newest[0].union(*newest[1:], all=True) if len(newest) > 1 else newest[0]
    return {letter.code: letter for letter in found}
