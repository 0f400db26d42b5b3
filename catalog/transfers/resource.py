"""What a row of a file is as a product: django-import-export's resource, for a chunk of rows at a time.

It reads cells, finds what differs and collects what is wrong. It writes nothing (`write_products` does), and asks the
database nothing: what a chunk needs is looked up for all of its rows together (`look_up`).
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import ModelResource

from catalog.models import Product
from catalog.products.check import faults
from catalog.transfers.amounts import read_number
from catalog.transfers.columns import COLUMNS
from catalog.transfers.look_up import Known
from catalog.transfers.refused import BadCell
from catalog.transfers.widgets import (
    AmountWidget,
    BarcodeWidget,
    CategoryWidget,
    SkuWidget,
    StatusWidget,
    TextWidget,
    YesWidget,
)

RULED = ("sku", "name", "price", "sale_price", "status", "barcode")
CHANGED = "It was changed meanwhile: the file says version {told}, the product has {now}. Export it anew."


class _KeyField(Field):  # type: ignore[misc]
    """Finds a product in whatever case, and is not changed by that."""

    def save(self, instance: Product, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        if instance._state.adding:
            super().save(instance, row, is_m2m, **kwargs)


class _TextField(Field):  # type: ignore[misc]
    """Line ends alone are no change: every program writes its own."""

    def save(self, instance: Product, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        before = self.get_value(instance)
        super().save(instance, row, is_m2m, **kwargs)
        if before and _lines(before) == _lines(self.get_value(instance)):
            setattr(instance, self.attribute, before)


class _NoDiff:
    """The library's would render all fields twice a row; `judge` compares those that a row has."""

    def __init__(self, *_: Any) -> None: ...

    def compare_with(self, *_: Any) -> None: ...


class _Loader(BaseInstanceLoader):  # type: ignore[misc]
    def get_instance(self, row: dict[str, str]) -> Product | None:
        return self.resource.known.product(row.get("sku", ""))  # type: ignore[no-any-return]


class ProductResource(ModelResource):  # type: ignore[misc]
    sku = _KeyField("sku", "sku", SkuWidget())
    name = _TextField("name", "name", TextWidget(needed=True))
    description = _TextField("description", "description", TextWidget())
    price = Field("price", "price", AmountWidget(needed=True))
    sale_price = Field("sale_price", "sale_price", AmountWidget())
    category = Field("category_id", "category")
    is_new = Field("is_new", "is_new", YesWidget())
    is_featured = Field("is_featured", "is_featured", YesWidget())
    status = Field("status", "status", StatusWidget())
    barcode = Field("barcode", "barcode", BarcodeWidget())
    version = Field("version", "version", TextWidget(), readonly=True)

    class Meta:
        model = Product
        fields = COLUMNS
        import_order = export_order = COLUMNS
        import_id_fields = ("sku",)
        instance_loader_class = _Loader
        skip_unchanged = True
        skip_html_diff = True
        store_instance = True
        use_bulk = True

    def __init__(self, known: Known) -> None:
        super().__init__()
        self.known = known
        self.fields["category"].widget = CategoryWidget(known.categories)

    @cached_property
    def _ordered(self) -> list[Field]:
        return [self.fields[name] for name in COLUMNS]

    def get_import_fields(self) -> list[Field]:
        return self._ordered

    def cells_of(self, product: Product) -> list[Any]:
        """A product as a row of a file, in the order of COLUMNS."""
        return [field.export(product) for field in self._ordered]

    @classmethod
    def get_diff_class(cls) -> type[_NoDiff]:
        return _NoDiff

    def after_init_instance(self, instance: Product, new: bool, row: dict[str, str], **kwargs: Any) -> None:
        """A row that was exported before somebody else's change is refused as a whole."""
        try:
            told = read_number(row.get("version", ""))
        except BadCell as wrong:
            raise ValidationError({"version": str(wrong)}) from None
        if told is not None and not new and told != instance.version:
            raise ValidationError({"version": CHANGED.format(told=told, now=instance.version)})

    def validate_instance(
        self, instance: Product, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """By the rules that forms have as well. Not by full_clean, which asks the database for each row."""
        errors: dict[str, Any] = dict(import_validation_errors or {})
        values = {name: getattr(instance, name) for name in RULED if name not in errors}
        errors |= faults(values)
        if "barcode" not in errors and (owner := self.known.owner(instance)):
            errors["barcode"] = f"The barcode {instance.barcode} is that of {owner}. Each product has its own."
        if errors:
            raise ValidationError(errors)

    def save_instance(self, instance: Product, is_create: bool, row: Any, **kwargs: Any) -> None:
        """Nothing: whole chunks are written by `write_products`, under the transfer's lease."""


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
