"""A batch of a redrive in the traces: a step of the redrive's own, which goes back to the letters' jobs, and one in
each of these jobs' traces, which goes on to the redrive. Whoever comes from either finds the other, a week later.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from batches.models import Job, Redrive, RedriveItem
from monitoring import telemetry


@contextmanager
def in_traces(redrive: Redrive, items: Sequence[RedriveItem]) -> Iterator[None]:
    began = time.time_ns()
    letters = Counter(item.letter.job_id for item in items if item.letter.job_id)
    jobs = dict(Job.objects.filter(pk__in=letters).values_list("pk", "trace_id")) if letters else {}
    links = [*jobs.values(), *(item.letter.trace_id for item in items if item.letter.trace_id)]
    told = {"redrive": redrive.pk, "letters": len(items)}
    with telemetry.span("redrive", trace_id=redrive.trace_id, links=links, **told):
        yield
        for job, trace_id in jobs.items():
            back = {"redrive": redrive.pk, "letters": letters[job]}
            telemetry.begin("redriven", trace_id=trace_id, job=job, began=began, **back).end()
