"""A file becomes chunks: byte ranges, without reading it. A line belongs to the range it begins in."""

from __future__ import annotations

from django.conf import settings

from batches.models import Chunk, ResultFile


def split_file(file: ResultFile) -> int:
    """Create the file's chunks and return their number: none for an empty file, one for a gzip file."""
    step = file.size if file.compressed else settings.CHUNK_BYTES
    ranges = [(start, min(start + step, file.size)) for start in range(0, file.size, step or 1)]
    Chunk.objects.bulk_create(
        Chunk(file=file, job_id=file.job_id, ordinal=ordinal, start=start, end=end)
        for ordinal, (start, end) in enumerate(ranges)
    )
    return len(ranges)
