"""Filters that several lists of stock have; each is answered by an index."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import RadioFilter

from catalog.categories import tree
from catalog.models import Category, Product
from inventory.models import Location
from inventory.scan import find_product
from inventory.states import IN_STATE, LevelState
from pages.filters import SelectFilter, TextFilter

MOST_CHOICES = 1000


class LocationFilter(SelectFilter):
    title, parameter_name = "location", "location"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = Location.objects.order_by("code").values_list("pk", "code", "name")[:MOST_CHOICES]
        return [(str(pk), f"{code} {name}") for pk, code, name in rows]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(location=int(value)) if value and is_id(value) else queryset


class CategoryFilter(SelectFilter):
    title, parameter_name = "category, with all below", "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return tree.choices()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if not (value and is_id(value)):
            return queryset
        category = Category.objects.filter(pk=int(value)).first()
        if category is None:
            return queryset.none()
        return queryset.filter(product__category__path__startswith=category.path)


class StateFilter(RadioFilter):  # type: ignore[misc]
    title, parameter_name = "state", "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state.value, str(state.label)) for state in LevelState]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(IN_STATE[LevelState(value)]) if value in LevelState.values else queryset


class ProductFilter(TextFilter):
    title, parameter_name, hint = "product", "product", "SKU or barcode"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        found: Product | None = find_product(value)
        return queryset.filter(product=found) if found else queryset.none()


def is_id(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 19
