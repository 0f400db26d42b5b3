"""Which proposals, and which of their fields, are accepted in bulk: by job, category and how sure the model was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q, QuerySet

from batches.formats.product_answer import FIELDS
from batches.models import ProductProposal
from batches.proposals.fields import LABELS, Refused, sure_enough
from batches.states import FieldStatus, ProposalState


@dataclass(frozen=True)
class Which:
    """`threshold`: the lowest confidence, 0 to 1. `job` and `category` are '' for all."""

    fields: tuple[str, ...]
    threshold: Decimal
    job: str = ""
    category: str = ""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Which:
        """From plain data; Refused with a sentence when it makes no sense."""
        fields = tuple(name for name in FIELDS if name in (values.get("fields") or ()))
        if not fields:
            raise Refused(f"Choose at least one field: {', '.join(LABELS.values())}.")
        try:
            threshold = Decimal(str(values.get("threshold", "")))
        except InvalidOperation:
            threshold = Decimal(-1)
        if not (threshold.is_finite() and 0 <= threshold <= 1):
            raise Refused("The confidence is a number from 0 to 1, such as 0.95.")
        job, category = (str(values.get(name) or "").strip()[:200] for name in ("job", "category"))
        return cls(fields, threshold.quantize(Decimal("0.001")), job, category)

    def as_dict(self) -> dict[str, Any]:
        return {
            "fields": list(self.fields),
            "threshold": str(self.threshold),
            "job": self.job,
            "category": self.category,
        }

    def proposals(self) -> QuerySet[ProductProposal]:
        """Those with at least one such field that nobody has decided about."""
        any_field = Q()
        for name in self.fields:
            any_field |= Q(**{
                f"{name}__isnull": False, f"{name}_status": FieldStatus.WAITING,
                f"{name}_confidence__gte": self.threshold,
            })  # fmt: skip
        found = ProductProposal.objects.filter(any_field).exclude(state=ProposalState.DECIDED)
        if self.job:
            found = found.filter(job__job_id=self.job)
        return found.filter(category=self.category) if self.category else found

    def fields_of(self, proposal: ProductProposal) -> list[str]:
        return sure_enough(proposal, self.fields, self.threshold)
