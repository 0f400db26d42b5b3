"""A batch of images in the traces of their jobs: one step in each, however many of its images are in the batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import groupby
from typing import ParamSpec, TypeVar

from batches.moves.claim import Image
from monitoring import telemetry
from monitoring.traces.spans import Step

P = ParamSpec("P")
R = TypeVar("R")


class Steps:
    """Each links to the traces of the images it moves, as many as a span may have."""

    def __init__(self, images: Sequence[Image]) -> None:
        by_job = sorted(images, key=_job)
        self._by_job = {job: _begun(job, list(group)) for job, group in groupby(by_job, key=_job)}

    def around(self, function: Callable[P, R], image: Image) -> Callable[P, R]:
        """The same function, inside the image's step."""
        return self._by_job[image.job_pk].around(function)

    def inside(self) -> AbstractContextManager[None]:
        """What is done for all of them at once is told once: in the first job's."""
        return next(iter(self._by_job.values())).inside()

    def fail(self, failed: Mapping[int, str]) -> None:
        """Why an image could not be moved, by job."""
        for job, code in failed.items():
            self._by_job[job].fail(code)

    def end(self) -> None:
        """Done twice, it is done once."""
        for step in self._by_job.values():
            step.end()


def _begun(job: int, images: Sequence[Image]) -> Step:
    trace_ids: Iterable[str] = (image.trace_id for image in images)
    return telemetry.begin("move", trace_id=images[0].job_trace_id, job=job, links=trace_ids, images=len(images))


def _job(image: Image) -> int:
    return image.job_pk
