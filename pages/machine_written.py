"""The admin of rows that the machine writes: looked at, searched and filtered, never edited (style.md, 19)."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from unfold.admin import ModelAdmin

from pages.change_list import BoundedChangeList
from pages.own_pages import OwnPages
from pages.paginator import LimitedPaginator

M = TypeVar("M", bound=Model)


def found_or_404(model: type[M], pk: int) -> M:
    row = model._default_manager.filter(pk=pk).first() if pk < 2**63 else None
    if row is None:
        raise Http404(f"There is no {model._meta.verbose_name} {pk}.")
    return row


class MachineWritten(OwnPages, ModelAdmin):  # type: ignore[misc]
    """`page_template` shows one row; `page(request, row)` is what the template is given."""

    page_template = ""
    nothing = "Nothing here yet."  # said where a list is empty
    paginator = LimitedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # each facet is a count of its own
    list_per_page = 50
    list_max_show_all = 0
    list_filter_submit = True
    list_fullwidth = True
    actions: Any = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedChangeList]:
        return BoundedChangeList

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        """Fetch for all rows of a list page together what their cells show."""

    def page(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A page of our own in place of a form: there is nothing to fill in."""
        row = self.found(request, object_id)
        context = {"original": row, "title": str(row), **self.page(request, row)}
        return self.rendered(request, self.page_template, context)

    def found(self, request: HttpRequest, object_id: str) -> Any:
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404(f"There is no {self.opts.verbose_name} {object_id}.")
        return row
