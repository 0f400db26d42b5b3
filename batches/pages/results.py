"""What the lines of a job are waiting for, where a kind's rows are not the end of it: decisions, or a stocktake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count, Q

from batches.counts.waiting import WAITING
from batches.models import CountedStock, Job, ProductProposal
from batches.pages import links
from batches.states import ProposalState
from inventory.models import Stocktake

MOST_STOCKTAKES = 20


@dataclass(frozen=True)
class Figure:
    label: str
    count: int
    url: str
    tone: str = ""


class Link(NamedTuple):
    text: str
    url: str
    state: str = ""  # with its label, for a badge
    label: str = ""


class Results(NamedTuple):
    """`waiting`: the machine is not through with them. `nothing` is said where there is no row yet."""

    title: str
    figures: list[Figure]
    links: list[Link]
    nothing: str
    note: str = ""
    waiting: bool = False


def results_of(job: Job) -> Results | None:
    found = _OF.get(job.kind)
    return found(job) if found else None


def _proposals(job: Job) -> Results:
    rows = ProductProposal.objects.filter(job=job).order_by().values_list("state").annotate(Count("pk"))
    counts = dict(rows)
    figures = [
        Figure(str(state.label), counts.get(state, 0), links.proposals(job=job.job_id, state__exact=str(state)), tone)
        for state, tone in ((ProposalState.WAITING, "busy"), (ProposalState.PARTLY, "warn"),
                            (ProposalState.DECIDED, "good"))
    ]  # fmt: skip
    undecided = counts.get(ProposalState.WAITING, 0) + counts.get(ProposalState.PARTLY, 0)
    further = [Link("Accept by confidence …", links.accept_many(job=job.job_id))] if undecided else []
    note = "Nothing of them is in the catalogue before somebody has accepted it." if undecided else ""
    return Results("Proposals", figures if counts else [], further, "No line has become a proposal yet.", note)


def _counts(job: Job) -> Results:
    counts = CountedStock.objects.filter(job=job)
    sums = counts.aggregate(all=Count("pk"), waits=Count("pk", filter=WAITING), odd=Count("pk", filter=~Q(problem="")))
    if not sums["all"]:
        return Results("Stocktakes", [], [], "No line has become a count yet.")
    figures = [Figure("Counts", sums["all"], links.counts(job=job.job_id))]
    if sums["waits"]:
        figures.append(
            Figure("Not in a stocktake yet", sums["waits"], links.counts(job=job.job_id, placed="waiting"), "busy")
        )
    if sums["odd"]:
        figures.append(
            Figure("Could not be placed", sums["odd"], links.counts(job=job.job_id, placed="problem"), "bad")
        )
    found = Stocktake.objects.filter(source=job.job_id).select_related("location").order_by("pk")[:MOST_STOCKTAKES]
    stocktakes = [
        Link(f"Stocktake {each.pk}, {each.location.code}", links.elsewhere("inventory_stocktake", each.pk), each.status,
             str(each.get_status_display()))
        for each in found
    ]  # fmt: skip
    note = "Stock changes when a person posts a stocktake, and not before." if stocktakes else ""
    return Results("Stocktakes", figures, stocktakes, "", note, waiting=bool(sums["waits"]))


_OF: dict[str, Callable[[Job], Results]] = {"products": _proposals, "stock_counts": _counts}
