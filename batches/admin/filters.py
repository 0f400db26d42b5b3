"""Filters of the batches' lists, each answered by an index."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import RadioFilter

from batches.models import Job
from pages.filters import TextFilter


class JobFilter(TextFilter):
    """By the job's id, looked up first: with the number at hand the planner can use an index that begins with it."""

    title, parameter_name, hint = "job", "job", "job id, exact"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        pk = Job.objects.filter(job_id=value).values_list("pk", flat=True).first()
        return queryset.filter(job_id=pk) if pk else queryset.none()


class FileFilter(TextFilter):
    """By the number of a result file, as the links of a job's page give it."""

    title, parameter_name, hint = "result file", "file", "number of the file"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return self.in_file(queryset, int(value)) if value.isdecimal() and len(value) < 19 else queryset.none()

    def in_file(self, queryset: QuerySet[Any], file: int) -> QuerySet[Any]:
        return queryset.filter(file_id=file)


class UserFilter(TextFilter):
    title, parameter_name, hint = "user", "user", "user id, exact"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(user_id=value)


class InFileFilter(FileFilter):
    """Of rows that know their chunk only."""

    def in_file(self, queryset: QuerySet[Any], file: int) -> QuerySet[Any]:
        return queryset.filter(chunk__file=file)


class WrittenFilter(RadioFilter):  # type: ignore[misc]
    title, parameter_name = "written", "written"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("inserted", "Inserted, never updated"), ("updated", "Updated since")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        which = {"inserted": {"revision": 1}, "updated": {"revision__gt": 1}}
        return queryset.filter(**which.get(self.value() or "", {}))
