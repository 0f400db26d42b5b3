"""A proposal's page: field by field what the catalogue says and what is proposed, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models.functions import Upper
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from batches.formats.product_answer import FIELDS
from batches.models import DeadLetter, ProductProposal
from batches.pages import links
from batches.pages.numbering import lines_before, number_in_file
from batches.proposals.decide import PERMISSION, Decided, accept, reject
from batches.proposals.fields import (
    LABELS,
    Refused,
    as_text,
    confidence_of,
    of_product,
    proposed,
    status_of,
    undecided,
)
from batches.proposals.judge import Judged, change_of, changed_since, judge
from batches.states import FieldStatus
from catalog.products.add_product import PERMISSION as MAY_ADD
from catalog.products.save_product import PERMISSION as MAY_CHANGE

MOST_LETTERS = 20


@dataclass(frozen=True)
class FieldRow:
    """`now` is what the catalogue says, `was` what it said when the proposal came; `why` it would be refused."""

    name: str
    label: str
    now: str
    was: str
    proposed: str
    confidence: Decimal | None
    status: str
    status_label: str
    by: str
    at: datetime | None
    changed: bool
    same: bool
    why: str
    may_accept: bool
    may_overwrite: bool
    may_reject: bool

    @property
    def percent(self) -> float:
        return 100 * float(self.confidence or 0)


def proposal_page(request: HttpRequest, proposal: ProductProposal) -> dict[str, Any]:
    [judged] = judge([proposal], undecided)
    product, may = judged.product, _may(request, judged)
    rows = [_row(proposal, judged, name, may) for name in proposed(proposal)]
    waiting = undecided(proposal)
    return {
        "proposal": proposal,
        "product": product,
        "product_url": links.elsewhere("catalog_product", product.pk) if product else "",
        "rows": rows,
        "left_out": [LABELS[name] for name in FIELDS if getattr(proposal, name) is None],
        "creates": product is None,
        "may": may,
        "acceptable": may["accept"] and bool(judged.values),
        "waiting": waiting,
        "changed": [row.label for row in rows if row.changed and row.status == FieldStatus.WAITING],
        "file": proposal.chunk.file,
        "number": number_in_file(lines_before([proposal.chunk_id]).get(proposal.chunk_id), proposal.line),
        "letters": DeadLetter.objects.filter(record_id=proposal.sku, job=proposal.job_id)[:MOST_LETTERS],
        "others": _others(proposal),
    }


def _may(request: HttpRequest, judged: Judged) -> dict[str, bool]:
    user: Any = request.user
    decides = user.has_perm(PERMISSION)
    catalogue = MAY_CHANGE if judged.product else MAY_ADD
    return {"decide": decides, "accept": decides and user.has_perm(catalogue)}


def _row(proposal: ProductProposal, judged: Judged, name: str, may: dict[str, bool]) -> FieldRow:
    status, product = status_of(proposal, name), judged.product
    now = of_product(product)[name] if product else ""
    is_open = status == FieldStatus.WAITING
    changed = bool(product) and is_open and name in judged.refused and name in changed_since(proposal, product)  # type: ignore[arg-type]
    new = change_of(judged, name)[1]
    who = getattr(proposal, f"{name}_by")
    return FieldRow(
        name=name,
        label=LABELS[name],
        now=now,
        was=str((proposal.base or {}).get(name, "")),
        proposed=as_text(proposal, name),
        confidence=confidence_of(proposal, name),
        status=status,
        status_label=str(FieldStatus(status).label),
        by=who.get_username() if who else "",
        at=getattr(proposal, f"{name}_at"),
        changed=changed,
        same=bool(product) and now == new,
        why=judged.refused.get(name, ""),
        may_accept=may["accept"] and is_open and name in judged.values and not judged.creates,
        may_overwrite=may["accept"] and changed,
        may_reject=may["decide"] and is_open,
    )


def _others(proposal: ProductProposal) -> list[ProductProposal]:
    """Of the same SKU, by other jobs."""
    found = ProductProposal.objects.alias(upper=Upper("sku")).filter(upper=proposal.sku.upper())
    return list(found.exclude(pk=proposal.pk).select_related("job").order_by("-created_at")[:5])


def decided(request: HttpRequest, proposal: ProductProposal) -> HttpResponse:
    """The page's form: `accept`, `over` or `reject` names a field, or `all`."""
    post = request.POST
    verb = next((name for name in ("accept", "over", "reject") if name in post), "")
    try:
        content, seen = int(post.get("content", "")), int(post["version"]) if post.get("version") else None
        fields = undecided(proposal) if post.get(verb) == "all" else [post.get(verb, "")]
        if verb == "reject":
            _say(request, verb, reject(proposal.pk, fields, actor=request.user, content=content))
        else:
            over = fields if verb == "over" else []
            done = accept(proposal.pk, fields, actor=request.user, content=content, seen=seen, over=over)
            _say(request, verb, done)
    except ValueError:
        messages.error(request, "The form was incomplete: load the page again.")
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return HttpResponseRedirect(links.page("productproposal", proposal.pk))


def _say(request: HttpRequest, verb: str, done: Decided) -> None:
    names = _listed([LABELS[name].lower() for name in done.fields])
    if done.fields and verb == "reject":
        messages.success(request, f"Rejected: {names}.")
    elif done.created:
        messages.success(request, f"A draft product was made, with {names} as proposed.")
    elif done.fields:
        messages.success(
            request, f"Accepted: {names}. The product has {'it' if len(done.fields) == 1 else 'them'} now."
        )
    for name, sentence in done.refused.items():
        messages.warning(request, f"{LABELS[name]} was not accepted. {sentence}")


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""
