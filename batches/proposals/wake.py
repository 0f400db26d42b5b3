"""Tell a worker that an acceptance is due. Losing the message costs time, never a proposal: the watch looks as well."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from batches.models import Acceptance
from batches.pipeline.wake import send
from batches.states import AcceptanceStatus

MOST_MESSAGES = 2


def due() -> QuerySet[Acceptance]:
    """Those that nobody works on; a lease that has run out was a dead worker's."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=Now())
    return Acceptance.objects.filter(free, status=AcceptanceStatus.RUNNING)


def wake_acceptances() -> None:
    from batches.tasks import accept_proposals

    send(accept_proposals, due()[:MOST_MESSAGES].count())
