"""The rows behind figures of batches; the traces of chunks where a figure counts what has become a row among many."""

from __future__ import annotations

from django.http import HttpRequest

from batches.pages import links
from monitoring.pages import behind
from monitoring.pages.behind import Asked
from pages.moments import written


def register() -> None:
    behind.register("batch.lines", _lines)
    behind.register("batch.images", _images)
    behind.register("batch.redriven", _redrives)
    behind.register("letters.open", _open_letters)
    behind.register("dlq.depth", _open_letters)


def _lines(asked: Asked, request: HttpRequest) -> str:
    """Those that failed: their letters. All: the chunks that they were read in, as no list has lines by time."""
    if not asked.failed:
        return behind.traces("batch.chunk", asked, request)
    return _letters(request, kind__exact="line", written=written(asked.start, asked.end))


def _images(asked: Asked, request: HttpRequest) -> str:
    if not request.user.has_perm("batches.view_imageupload"):
        return ""
    return links.images(**{"given_up" if asked.failed else "moved": written(asked.start, asked.end)})


def _redrives(asked: Asked, request: HttpRequest) -> str:
    """Those that went on meanwhile: how each of their letters ended, their pages say."""
    if not request.user.has_perm("batches.view_redrive"):
        return ""
    return links.redrives(ran=written(asked.start, asked.end))


def _open_letters(asked: Asked, request: HttpRequest) -> str:
    return _letters(request, status__exact="open")


def _letters(request: HttpRequest, **filters: str) -> str:
    return links.letters(**filters) if request.user.has_perm("batches.view_deadletter") else ""
