"""The files of a job, each with its own balance."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from batches import balance, kinds
from batches.balance import Balance
from batches.models import Job, ResultFile
from batches.pages.terms import Term, terms_of


class FileRow(NamedTuple):
    file: ResultFile
    balance: Balance
    terms: list[Term]

    @property
    def name(self) -> str:
        return self.file.key.rpartition("/")[2]

    @property
    def folder(self) -> str:
        return self.file.key.removesuffix(self.name)

    @property
    def took(self) -> timedelta | None:
        return self.file.finished_at - self.file.received_at if self.file.finished_at else None

    @property
    def rate(self) -> float | None:
        """Lines a second, from landing to the last chunk."""
        seconds = self.took.total_seconds() if self.took else 0
        return self.balance.read / seconds if seconds and self.balance.read else None


def files_of(job: Job) -> list[FileRow]:
    files = list(job.files.order_by("pk"))
    sums = balance.of_files(file.pk for file in files)
    return [file_row(file, job, sums.get(file.pk, Balance())) for file in files]


def file_row(file: ResultFile, job: Job, sums: Balance) -> FileRow:
    return FileRow(file, sums, terms_of(sums, kinds.get(job.kind), job=job.job_id, file=file.pk))
