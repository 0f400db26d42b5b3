"""A line to look at: images left out, shortened, and the field that failed marked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.html import format_html
from django.utils.safestring import SafeString

from batches.formats.rejection import visible

MOST_READ = 4 * 2**20
MOST_SHOWN = 6_000
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{120,}={0,2}")


def preview(blocks: Iterator[bytes], field: str, excerpt: str) -> SafeString:
    """HTML of the line's beginning. Reads 4 MiB of it at most, so a line of any length does no harm."""
    text = _BASE64.sub(_left_out, _beginning(blocks).decode("utf-8", "backslashreplace"))
    begin, end = _failing(text, field, excerpt)
    start = max(0, min(begin, len(text)) - MOST_SHOWN // 2) if begin > MOST_SHOWN - 500 else 0
    stop = start + MOST_SHOWN
    return format_html(
        "{}{}<mark>{}</mark>{}{}",
        "…" if start else "",
        visible(text[start:begin]),
        visible(text[begin : min(end, stop)]),
        visible(text[end:stop]),
        "…" if stop < len(text) else "",
    )


def _beginning(blocks: Iterator[bytes]) -> bytes:
    read = bytearray()
    for block in blocks:
        read += block
        if len(read) >= MOST_READ:
            break
    return bytes(read[:MOST_READ])


def _left_out(match: re.Match[str]) -> str:
    return f"‹{len(match[0]):,} characters of base64›"


def _failing(text: str, field: str, excerpt: str) -> tuple[int, int]:
    """Where the offending part is: the field with its value, else the excerpt; (0, 0) when neither is found."""
    if field:
        # The answer is JSON inside JSON, so its quotes may be escaped.
        name = re.escape(field.rpartition(".")[2])
        values = re.finditer(rf'\\*"{name}\\*"\s*:\s*(?:\\*".*?\\*"|\{{[^{{}}]*\}}|[^,}}\]]*)', text)
        # The last one: what the model was asked comes before what it answered.
        if spans := [value.span() for value in values]:
            return spans[-1]
    at = text.find(excerpt) if excerpt else -1
    return (at, at + len(excerpt)) if at >= 0 else (0, 0)
