"""A select of many options. Django renders a template for each of them, which for a thousand takes 100 ms."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminSelectWidget


class LongSelect(UnfoldAdminSelectWidget):  # type: ignore[misc]
    """The theme's select, its options put into it at once."""

    choices: Any

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        offered: list[tuple[str, str]] = list(self.choices)
        self.choices: Any = []
        try:
            empty: str = super().render(name, value, attrs, renderer)
        finally:
            self.choices = offered
        chosen, selected = set(self.format_value(value)), SafeString(" selected")
        options = format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            ((key, selected if str(key) in chosen else "", label) for key, label in offered),
        )
        return SafeString(empty.replace("</select>", f"{options}</select>", 1))
