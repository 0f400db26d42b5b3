"""What the catalogue's admins share: lists that count no further than they must, and pages of our own."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ShowFacets
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from pages.change_list import BoundedChangeList
from pages.own_pages import OwnPages
from pages.paginator import LimitedPaginator


class DeskAdmin(OwnPages, ModelAdmin):  # type: ignore[misc]
    nothing = "Add the first one, and it will be listed here."
    paginator = LimitedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # each facet is a count of its own
    list_max_show_all = 0
    list_filter_submit = True
    list_fullwidth = True
    list_disable_select_all = True  # all that match are meant by the links above the list
    compressed_fields = True
    warn_unsaved_form = True

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedChangeList]:
        return BoundedChangeList

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        """Fetch for all rows of a list page together what their cells show."""
