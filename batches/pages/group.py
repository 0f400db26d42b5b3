"""A problem's page: what its letters have in common, whom it concerns, and what was done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from batches.letters import progress
from batches.letters.figures import trend, with_figures
from batches.letters.patch import told
from batches.models import DeadLetter, LetterGroup, PatchRule, Redrive
from batches.pages import links
from batches.pages.permitted import permitted
from batches.pages.redrive_rows import RedriveRow, redrive_rows
from batches.pages.spark import spark
from batches.states import GroupStatus, LetterStatus, before
from monitoring.models import AuditEntry
from pages.banners import Banner

MOST_COUNTED, MOST_SHOWN = 10_000, 8
SAID = {"resolve": ("Resolved", "good"), "mute": ("Muted", "calm"), "reopen": ("Opened again", "warn")}
VERBS = {"resolve": GroupStatus.RESOLVED, "mute": GroupStatus.MUTED, "reopen": GroupStatus.OPEN}


@dataclass(frozen=True)
class Touched:
    name: str
    count: int
    url: str
    share: float  # of the first one, in %


class Said(NamedTuple):
    entry: AuditEntry
    what: str
    tone: str


class RuleRow(NamedTuple):
    rule: PatchRule
    does: list[str]


def group_page(request: HttpRequest, row: LetterGroup) -> dict[str, Any]:
    group = with_figures(LetterGroup.objects.filter(pk=row.pk)).select_related("changed_by").get()
    newest = DeadLetter.objects.filter(group=group.pk).order_by("-id")
    waiting = newest.filter(status=LetterStatus.OPEN)
    told_of = waiting if group.open_now else newest
    return {
        "group": group,
        "title": str(group),
        "banners": _banners(group),
        "samples": list(told_of.select_related("job")[:3]),
        "spark": spark(trend([group.pk])[group.pk]),
        "jobs": _jobs(told_of, group.pk),
        "users": _users(told_of, group.pk),
        "among": "open letters" if group.open_now else "letters",
        "more_counted": (group.open_now or group.letters_now) > MOST_COUNTED,
        "rules": rule_rows(group.pk),
        "redrives": _redrives(group.pk),
        "history": _history(group.pk),
        "may": permitted(request),
        "verbs": [verb for verb, state in VERBS.items() if group.status in before(state)],
        "open_url": links.letters(group=group.pk, status__exact="open"),
        "all_url": links.letters(group=group.pk),
    }


def rule_rows(fingerprint: str) -> list[RuleRow]:
    rules = PatchRule.objects.filter(group=fingerprint).select_related("created_by").order_by("-version")
    return [RuleRow(rule, [told(operation) for operation in rule.operations]) for rule in rules[:MOST_SHOWN]]


def _history(fingerprint: str) -> list[Said]:
    entries = AuditEntry.objects.filter(subject="group", subject_id=fingerprint, allowed=True)
    named = entries.select_related("actor").order_by("-id")[:MOST_SHOWN]
    return [Said(entry, *SAID.get(entry.action, (entry.action.capitalize(), "calm"))) for entry in named]


def _redrives(fingerprint: str) -> list[RedriveRow]:
    redrives = list(Redrive.objects.filter(group=fingerprint).select_related("created_by", "rule")[:MOST_SHOWN])
    return redrive_rows(redrives, progress.of_redrives(redrive.pk for redrive in redrives))


def _banners(group: Any) -> list[Banner]:
    if group.status == GroupStatus.OPEN and group.returned_at:
        when = f"{timezone.localtime(group.resolved_at):%-d %b %Y}" if group.resolved_at else "an earlier day"
        text = (
            f"It was resolved on {when}, and letters came again: what was thought put right is"
            " not. Look at the newest sample, and at what was done before."
        )
        return [Banner("bad", "This problem came back.", text)]
    if group.status == GroupStatus.MUTED:
        return [Banner("calm", "Muted.", "It stays out of the list of open problems, whatever comes.")]
    if group.status == GroupStatus.RESOLVED and group.open_now:
        text = "Its cause is said to be put right, but letters are still open: redrive or discard them."
        return [Banner("warn", f"Resolved, with {group.open_now:,} letters open.", text)]
    return []


def _jobs(letters: QuerySet[DeadLetter], fingerprint: str) -> list[Touched]:
    return _touched(letters, "job__job_id", lambda name: links.letters(group=fingerprint, job=name))


def _users(letters: QuerySet[DeadLetter], fingerprint: str) -> list[Touched]:
    return _touched(letters, "user_id", lambda name: links.letters(group=fingerprint, user=name))


def _touched(letters: QuerySet[DeadLetter], name: str, url: Any) -> list[Touched]:
    """Whom the newest 10,000 concern most: a look at a million would hold the page up."""
    newest = letters.values("pk")[:MOST_COUNTED]
    rows = DeadLetter.objects.filter(pk__in=newest).order_by().values_list(name).annotate(n=Count("*"))
    found = [(named, count) for named, count in rows.order_by("-n", name)[:MOST_SHOWN] if named]
    return [Touched(named, count, url(named), 100.0 * count / found[0][1]) for named, count in found]
