"""What a bulk acceptance would do: how many, some of them before and after, and what would be refused and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from batches.models import ProductProposal
from batches.proposals.fields import LABELS
from batches.proposals.judge import Judged, change_of, judge
from batches.proposals.which import Which

MOST_COUNTED = 10_000
MOST_JUDGED = 500  # looked at one by one for what would be refused: the first of them
MOST_SHOWN = 12


@dataclass(frozen=True)
class Change:
    label: str
    was: str
    now: str


@dataclass(frozen=True)
class Sample:
    proposal: ProductProposal
    creates: bool
    changes: list[Change]


@dataclass(frozen=True)
class Refusal:
    proposal: ProductProposal
    reasons: list[str]


@dataclass(frozen=True)
class Preview:
    """`count` of proposals, MOST_COUNTED at most (`more`); what follows is told of the first `judged` of them."""

    count: int
    more: bool
    judged: int
    written: int  # proposals of which something would be written
    creates: int
    by_field: dict[str, int]
    samples: list[Sample]
    refused: int  # fields
    refusals: list[Refusal]

    @property
    def offers(self) -> bool:
        """Whether anything would come of accepting them, as far as can be told."""
        return bool(self.count) and not (self.whole and not self.written)

    @property
    def whole(self) -> bool:
        return self.judged == self.count and not self.more


def preview(which: Which) -> Preview:
    found = which.proposals()
    count = found.order_by()[: MOST_COUNTED + 1].count()
    judged = judge(list(found.select_related("job").order_by("pk")[:MOST_JUDGED]), which.fields_of)
    fields = Counter(LABELS[name] for each in judged for name in each.values)
    return Preview(
        count=min(count, MOST_COUNTED),
        more=count > MOST_COUNTED,
        judged=len(judged),
        written=sum(bool(each.values) for each in judged),
        creates=sum(each.creates for each in judged),
        by_field=dict(fields),
        samples=[_sample(each) for each in _spread([each for each in judged if each.values], MOST_SHOWN)],
        refused=sum(len(each.refused) for each in judged),
        refusals=[
            Refusal(each.proposal, list(each.refused.values()))
            for each in [each for each in judged if each.refused][:MOST_SHOWN]
        ],
    )


def _sample(judged: Judged) -> Sample:
    changes = [Change(LABELS[name], *change_of(judged, name)) for name in judged.values]
    return Sample(judged.proposal, judged.creates, changes)


def _spread(found: list[Judged], most: int) -> list[Judged]:
    """Some of them, from the first to the last."""
    if len(found) <= most:
        return found
    return [found[at * len(found) // most] for at in range(most)]
