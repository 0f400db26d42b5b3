"""Numbers of lines within their file: a row or letter knows its line within its chunk only."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import BooleanField, Exists, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from batches.models import Chunk
from batches.states import ChunkStatus


def lines_before(chunk_ids: Iterable[int | None]) -> dict[int, int | None]:
    """By chunk, the number of lines in front of it in its file; None while an earlier chunk is not counted.

    One query, for any number of chunks.
    """
    # By where they begin: the halves of a bisected chunk stand in its place, whatever their ordinals are.
    chunks = Chunk.objects.exclude(status=ChunkStatus.BISECTED).order_by()
    earlier = chunks.filter(file=OuterRef("file"), start__lt=OuterRef("start"))
    lines = earlier.values("file").annotate(lines=Sum("physical_lines")).values("lines")
    rows = Chunk.objects.filter(pk__in={pk for pk in chunk_ids if pk}).annotate(
        before=Coalesce(Subquery(lines), 0),
        unknown=Exists(earlier.exclude(status=ChunkStatus.DONE), output_field=BooleanField()),
    )
    return {pk: None if unknown else before for pk, before, unknown in rows.values_list("pk", "before", "unknown")}


def number_in_file(before: int | None, line: int | None) -> int | None:
    return None if before is None or line is None else before + line
