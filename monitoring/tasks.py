from __future__ import annotations

from typing import Any

from celery import shared_task

from monitoring import canary


# One that waited behind later ones is of no use: they are answered in its place.
@shared_task(name="monitoring.canary", bind=True, expires=60)
def answer(self: Any, *, queue: str) -> None:
    canary.answer(queue, str(self.request.hostname))
