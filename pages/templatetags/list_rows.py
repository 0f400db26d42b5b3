"""The rows of a list, as the theme makes them, and quicker.

For each row the theme works out all headers anew, the box that ticks all rows among them, and renders the row's own box
by three templates: a third of the time of a page of products. What is the same in all rows is made once here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import template
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.templatetags.base import InclusionAdminNode
from django.template.base import Parser, Token
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from unfold.admin import checkbox
from unfold.templatetags.unfold_list import CHECKBOX_CLASSES, ROW_CLASSES, result_headers, result_list

register = template.Library()
BOX, PLACE = "action_checkbox", "row-number"
FORMATS = ("boolean", "label", "header", "dropdown")  # the theme's ways to show a value that is no text yet
Cell = Callable[[Any], object]


class Row(list[SafeString]):
    """Its cells, with what the theme's template asks of it."""

    form = None

    def __init__(self, instance: Any, cells: Iterable[SafeString]) -> None:
        super().__init__(cells)
        self.instance = instance


def list_rows(context: dict[str, Any], cl: Any) -> dict[str, Any]:
    """What the theme's template of a list is given."""
    if not _is_plain(cl):
        given: dict[str, Any] = result_list(context, cl)
        return given
    headers = list(result_headers(cl))
    columns = [_column(cl, place, name, str(header["text"])) for place, (name, header) in
               enumerate(zip(cl.list_display, headers, strict=True))]  # fmt: skip
    return {
        "cl": cl,
        "result_hidden_fields": [],
        "result_headers": headers,
        "num_sorted_fields": sum(1 for header in headers if header["sortable"] and header["sorted"]),
        "results": [
            Row(row, [format_html('<td class="{}" data-label="{}">{}</td>', classes, label, cell(row))
                      for classes, label, cell in columns])
            for row in cl.result_list
        ],
        "actions_row": context.get("actions_row"),
        "has_add_permission": cl.model_admin.has_add_permission(context["request"]),
    }  # fmt: skip


def _is_plain(cl: Any) -> bool:
    """Whether all its cells are methods of the admin that return what is shown, with no form and no link around it."""
    methods = [getattr(cl.model_admin, str(name), None) for name in cl.list_display if name != BOX]
    return (
        cl.list_display_links is None
        and not getattr(cl, "formset", None)
        and not getattr(cl.model_admin, "ordering_field", None)
        and all(callable(method) and not any(getattr(method, way, None) for way in FORMATS) for method in methods)
    )


def _column(cl: Any, place: int, name: str, header: str) -> tuple[str, str, Cell]:
    """(classes, label, what is in it); the label of the first is the theme's."""
    if name == BOX:
        return " ".join(CHECKBOX_CLASSES), "Select record", _box()
    label = header if place else "Select record"
    return " ".join([f"field-{name}", *ROW_CLASSES]), label, _shown(getattr(cl.model_admin, name))


def _shown(method: Cell) -> Cell:
    def shown(row: Any) -> object:
        value = method(row)
        return "-" if value is None else value

    return shown


def _box() -> Cell:
    made = str(checkbox.render(ACTION_CHECKBOX_NAME, PLACE))

    def box(row: Any) -> object:
        return SafeString(made.replace(PLACE, conditional_escape(str(row.pk))))

    return box


@register.tag("list_rows")
def list_rows_tag(parser: Parser, token: Token) -> InclusionAdminNode:
    node: Any = InclusionAdminNode  # its stubs are of a later Django, which is told the tag's name as well
    made: InclusionAdminNode = node(parser, token, func=list_rows, template_name="change_list_results.html")
    return made
