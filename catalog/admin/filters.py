"""Filters of the list of products, under the names and by the rules of `products.which`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import RadioFilter
from unfold.widgets import UnfoldAdminTextInputWidget

from catalog.categories import tree
from catalog.models import ProductStatus
from catalog.products.which import BY, NO_CATEGORY, BadFilter
from pages.filters import SelectFilter


def answered(request: HttpRequest, queryset: QuerySet[Any], name: str, value: str | None) -> QuerySet[Any]:
    """A value that cannot be filtered by finds nothing, and the page says why."""
    if not value or not value.strip():
        return queryset
    try:
        return BY[name](queryset, value.strip())
    except BadFilter as fault:
        messages.error(request, str(fault))
        return queryset.none()


class _Either(RadioFilter):  # type: ignore[misc]
    labels = ("Yes", "No")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", self.labels[0]), ("no", self.labels[1])]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return answered(request, queryset, str(self.parameter_name), self.value())


class NewFilter(_Either):
    title, parameter_name = "new", "new"


class FeaturedFilter(_Either):
    title, parameter_name = "featured", "featured"


class OnSaleFilter(_Either):
    title, parameter_name, labels = "sale", "on_sale", ("On sale", "At full price")


class BarcodeFilter(_Either):
    title, parameter_name, labels = "barcode", "barcode", ("Has one", "Has none")


class StatusFilter(RadioFilter):  # type: ignore[misc]
    title, parameter_name = "status", "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(ProductStatus.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return answered(request, queryset, "status", self.value())


class _Form(forms.Form):
    def __init__(self, fields: dict[str, forms.Field], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields.update(fields)


class CategoryFilter(SelectFilter):
    """A category with everything below it."""

    title, parameter_name = "category, with all below", "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(NO_CATEGORY, "No category"), *tree.choices()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return answered(request, queryset, "category", self.value())


class PriceFilter(admin.ListFilter):
    """From and to, both included, either may be left out."""

    title = "price"
    template = "unfold/filters/filters_field.html"
    names = ("price_from", "price_to")

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.names:
            if name in params:
                value = params.pop(name)
                self.used_parameters[name] = value[-1] if isinstance(value, list) else value

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(self.names)

    def choices(self, changelist: Any) -> Iterator[Any]:
        fields: dict[str, forms.Field] = {
            name: forms.CharField(
                label=label,
                required=False,
                widget=UnfoldAdminTextInputWidget({"inputmode": "decimal", "placeholder": hint}),
            )
            for name, label, hint in zip(self.names, ("By price, from", "to"), ("0", "any"), strict=True)
        }
        yield {"form": _Form(fields, data={name: self.used_parameters.get(name) for name in self.names})}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        for name in self.names:
            queryset = answered(request, queryset, name, str(self.used_parameters.get(name) or ""))
        return queryset
