"""The form of a product. It carries the version it was opened with and what the product was like then."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import construct_instance
from django.urls import reverse
from django.utils.choices import CallableChoiceIterator
from django.utils.html import format_html

from catalog.categories import tree
from catalog.models import Category, Product
from catalog.pages.fields import AmountField, NarrowField
from catalog.products.check import CODES, NEEDED, faults, taken_by, taken_sentence
from catalog.products.differences import EDITED, Plain, of_product
from catalog.products.refused import Refused
from pages.long_select import LongSelect

# Looked at by `clean`, or by their own fields.
CHECKED = ("price", "sale_price", "sku", "barcode", "name", "category")


class CategoryField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """The tree, indented, by one query: when it is shown, not when the form comes back."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            Category.objects.all(),
            required=kwargs.pop("required", False),
            widget=LongSelect(),
            error_messages={"invalid_choice": "This category was deleted meanwhile: choose another one."},
            **kwargs,
        )

    def offer(self, empty: str, without: Category | None = None) -> None:
        self.widget.choices = CallableChoiceIterator(lambda: [("", empty), *tree.choices(without)])


class ProductForm(forms.ModelForm):  # type: ignore[type-arg]
    refusal: Mapping[str, str] = {}  # what a verb said to this form when it was sent before

    version = forms.IntegerField(required=False, widget=forms.HiddenInput())
    base = forms.CharField(required=False, strip=False, widget=forms.HiddenInput())
    sku = NarrowField(
        label="SKU",
        error_messages={"required": NEEDED["sku"]},
        help_text="Letters, digits and signs without blanks; upper and lower case count as the same.",
    )
    barcode = NarrowField(
        required=False, help_text="GTIN of 8, 12, 13 or 14 digits, below the bars. Left empty: it has none."
    )
    price = AmountField(error_messages={"required": NEEDED["price"]}, help_text="For example 1280, or 12.80.")
    sale_price = AmountField(required=False, help_text="At most the price. Left empty: no sale.")
    category = CategoryField()

    class Meta:
        model = Product
        fields = EDITED

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "category" in self.fields:
            self.fields["category"].offer("No category")  # type: ignore[attr-defined]
        if "name" in self.fields:
            self.fields["name"].error_messages["required"] = NEEDED["name"]
        if self.instance.pk:
            self.initial["version"] = self.instance.version
            self.initial["base"] = json.dumps(of_product(self.instance), ensure_ascii=False)

    @property
    def seen(self) -> int | None:
        """The version this form was opened with."""
        version: int | None = self.cleaned_data.get("version")
        return version

    def opened_with(self) -> Plain:
        """What the product was like then; {} when the form does not say."""
        try:
            base = json.loads(self.data.get("base") or "{}")
        except ValueError:
            return {}
        return base if isinstance(base, dict) else {}

    def clean(self) -> dict[str, Any]:
        """Not the model's own checks: the same rules are put here so that they say what to do."""
        values = {name: self.cleaned_data[name] for name in EDITED if name in self.cleaned_data}
        found = faults(values)
        for name, sentence in found.items():
            self.add_error(name, sentence)
        new = {name: values[name] for name in CODES if values.get(name) != getattr(self.instance, name)}
        for name, other in taken_by(new, but=self.instance.pk).items():
            if name not in found:
                self.add_error(name, _taken(name, values[name], other))
        if self.instance.pk and self.seen is None:
            self.add_error(None, "This form was sent without its version: open the product again, and type it anew.")
        for name, sentence in self.refusal.items():
            self.add_error(name if name in self.fields else None, sentence)
        return self.cleaned_data

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in EDITED if name in self.cleaned_data}

    def _post_clean(self) -> None:
        # `clean` has checked it all, and the database does again: the constraints' own messages help nobody.
        values = construct_instance(self, self.instance, self._meta.fields, self._meta.exclude)
        exclude = {*self._get_validation_exclusions(), *self.errors, *CHECKED}  # type: ignore[attr-defined]
        try:
            values.full_clean(exclude=exclude, validate_unique=False, validate_constraints=False)
        except ValidationError as fault:
            self._update_errors(fault)  # type: ignore[attr-defined]


def told_by(refusal: Refused) -> dict[str, str]:
    """For `ProductForm.refusal`."""
    return dict(refusal.fields)


def _taken(field: str, value: str, other: Product) -> str:
    address = reverse("admin:catalog_product_change", args=[other.pk])
    sentence = taken_sentence(field, value, other)
    return format_html('{}: <a class="ns-link" href="{}">{}</a>.', sentence, address, f"look at {other.sku}")
