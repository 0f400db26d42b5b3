"""Pages of a table that may have a hundred million rows: counted up to 10,000, and no further."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property

MOST_COUNTED = 10_000


class LimitedPaginator(Paginator):  # type: ignore[type-arg]
    """`count` stops at MOST_COUNTED, so the pages behind it are reached by a filter, not by turning pages.

    `SELECT COUNT(*)` over (… LIMIT 10001) reads that many index entries at most; OFFSET is bounded in the same way.
    """

    template_name = "nightshelf/pagination.html"

    @cached_property
    def count(self) -> int:
        return min(self._counted, MOST_COUNTED)

    @property
    def more(self) -> bool:
        """Whether there are rows that are not counted."""
        return self._counted > MOST_COUNTED

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: MOST_COUNTED + 1].count())
