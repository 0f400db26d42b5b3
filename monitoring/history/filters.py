"""Filters of the two lists of the audit page; each is answered by an index of its own."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import RadioFilter

from monitoring.history.change import Kind, Via
from monitoring.history.track import all_tracked
from pages.filters import TextFilter


class ActorFilter(TextFilter):
    title, parameter_name, hint = "person", "actor", "name to sign in with"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        pk = User.objects.filter(username=value).values_list("pk", flat=True).first()
        return queryset.filter(actor=pk) if pk else queryset.none()


class RequestFilter(TextFilter):
    title, parameter_name, hint = "request", "request", "id of a request or command"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(request_id=value)


class TraceFilter(TextFilter):
    title, parameter_name, hint = "trace", "trace", "32 hexadecimal characters"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(trace_id=value.lower())


class ObjectFilter(TextFilter):
    title, parameter_name, hint = "object", "object", "for example product, or product 17"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """By the table's name or what it is called; the number is what comes last."""
        labels = self._labels(value)
        if labels:
            return queryset.filter(pgh_obj_model__in=labels)
        words, _, number = value.rpartition(" ")
        return queryset.filter(pgh_obj_model__in=self._labels(words), pgh_obj_id=number)

    def _labels(self, words: str) -> list[str]:
        wanted = words.strip().lower()
        return [of.label for of in all_tracked() if wanted in (of.called.lower(), of.label, of.label.partition(".")[2])]


class FieldFilter(TextFilter):
    title, parameter_name, hint = "field", "field", "for example price"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(fields__contains=[value.lower().replace(" ", "_")])


class KindFilter(RadioFilter):  # type: ignore[misc]
    title, parameter_name = "change", "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(kind), str(kind.label)) for kind in Kind]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(pgh_label=self.value()) if self.value() in Kind.values else queryset


class ViaFilter(RadioFilter):  # type: ignore[misc]
    title, parameter_name = "way", "via"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(via), str(via.label)) for via in Via]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(via=self.value()) if self.value() in Via.values else queryset
