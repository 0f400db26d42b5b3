"""Form fields that take what a Japanese keyboard types: full-width letters and digits count as the ASCII ones."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminTextInputWidget

from catalog.fold import narrow

GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
MARKS = "¥$€£円"


class NarrowField(forms.CharField):
    """A code: folded before anything looks at it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", UnfoldAdminTextInputWidget({"autocomplete": "off", "spellcheck": "false"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(narrow(value) if isinstance(value, str) else value) or "")


class AmountField(forms.Field):
    """A decimal number: `１２８０`, `1,280` and `¥1280` are 1280. None when it is left empty."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", UnfoldAdminTextInputWidget({"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        text = narrow(str(value if value is not None else "")).strip(MARKS + " ")
        if not text:
            return None
        try:
            amount = Decimal(text.replace(",", "") if GROUPED.fullmatch(text) else text)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite():
            raise ValidationError(f"{value!r} is not a number: write it as 1280 or 1280.50.", code="invalid")
        return amount

    def prepare_value(self, value: Any) -> Any:
        return f"{value:f}" if isinstance(value, Decimal) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True
