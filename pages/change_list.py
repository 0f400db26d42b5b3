"""A list that counts no further than it must, and hands its rows to the admin once, as they will be shown."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from unfold.views import ChangeList


class BoundedChangeList(ChangeList):  # type: ignore[misc]
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        # Equal, so that the title does not offer a "show all" that would have to count everything.
        self.full_result_count = self.result_count
        self.result_list: list[Any] = list(self.result_list)
        self.model_admin.prepare(request, self.result_list)
