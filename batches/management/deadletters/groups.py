"""`deadletters groups`: problems, by what they cost; and what is said of one of them."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from batches.letters.as_data import group_data
from batches.letters.figures import SORTS, trend, with_letters
from batches.management.deadletters.shared import DONE, NOTHING, Told
from batches.models import LetterGroup
from batches.states import GroupStatus

HELP = "problems, by what they cost; exit code 1 when there is none"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--status", choices=GroupStatus.values)
    parser.add_argument("--code", help="the reason, for example invalid_date")
    parser.add_argument("--kind", help="kind of its letters")
    parser.add_argument("--sort", choices=SORTS, default="impact", help="impact: money, then users, then open letters")
    parser.add_argument("--limit", type=int, default=50, help="at most so many (50)")


def run(options: dict[str, Any]) -> Told:
    which = {name: options[name] for name in ("status", "code", "kind") if options[name]}
    groups = with_letters(LetterGroup.objects.filter(**which)).order_by(*SORTS[options["sort"]])
    found = list(groups[: max(1, options["limit"])])
    trends = trend([group.pk for group in found])
    data = {"groups": [group_data(group, trends[group.pk]) for group in found]}
    return Told("\n".join(map(_line, found)) or "There is no group.", data, DONE if found else NOTHING)


def _line(group: Any) -> str:
    figures = f"{group.open_now:,} open\t{group.amount_now:,.2f}\t{group.users_now:,} users\t{group.jobs_now:,} jobs"
    mark = "\treturned" if group.returned_at else ""
    return f"{group.pk}\t{group.status}\t{figures}\t{group.code}\t{group.pattern}{mark}"
