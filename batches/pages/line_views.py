"""Original lines over HTTP: as a download, and as a preview inside a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse

from batches.pages.preview import preview
from storage.port import ObjectChanged, ObjectMissing, StorageFault

STATUS = {ObjectMissing: 410, ObjectChanged: 409}
ADVICE = {
    ObjectMissing: "Result files expire 30 days after they land. Put it back under the same key to see its lines.",
    ObjectChanged: "What lies under that key is not what was counted, so showing a line of it would be wrong.",
}
AWAY = "Storage may be back in a moment: try again."

Opener = Callable[[], Iterator[bytes]]
Page = Callable[[dict[str, Any]], TemplateResponse]


def download(opened: Opener, name: str, page: Page) -> HttpResponse | StreamingHttpResponse:
    """The line, streamed; a page that says why when it cannot be had."""
    try:
        blocks = opened()
    except StorageFault as fault:
        response = page({"fault": fault, "advice": ADVICE.get(type(fault), AWAY)})
        response.status_code = STATUS.get(type(fault), 503)
        return response
    return StreamingHttpResponse(
        blocks,
        content_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def previewed(request: HttpRequest, opened: Opener, field: str = "", excerpt: str = "") -> HttpResponse:
    """A piece of a page, fetched by it: storage that is slow or away does not hold up the rest."""
    try:
        context: dict[str, Any] = {"line": preview(opened(), field, excerpt)}
    except StorageFault as fault:
        context = {"fault": fault, "advice": ADVICE.get(type(fault), AWAY)}
    return render(request, "nightshelf/line_preview.html", context)
