"""The line that a row was read from, as a download and as a piece of its page, for rows of any kind."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from batches import original_line
from batches.pages import line_views
from pages.machine_written import MachineWritten


class FromLines(MachineWritten):
    """Adds `…_line` and `…_preview` to a model's pages."""

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, f"batches_{self.opts.model_name}"
        return [
            path("<path:object_id>/line/", view(self.line), name=f"{name}_line"),
            path("<path:object_id>/preview/", view(self.preview), name=f"{name}_preview"),
            *super().get_urls(),
        ]

    def line(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.found(request, object_id)

        def page(context: dict[str, Any]) -> TemplateResponse:
            return self.rendered(request, "nightshelf/unavailable.html", {"original": row, **context})

        name = f"{self.opts.model_name}-{row.pk}.jsonl"
        return line_views.download(lambda: original_line.of_row(row), name, page)

    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.found(request, object_id)
        return line_views.previewed(request, lambda: original_line.of_row(row))
