"""How a summary is stored: deltas, buckets and running totals have the same columns behind their own keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from monitoring.metrics.summary import Summary

COLUMNS = ("count", "errors", "total", "least", "most", "bins", "bin_counts")
# Arrays of different lengths cannot stand in one array, so histograms go to the database as text.
TYPES = ("bigint", "bigint", "float8", "float8", "float8", "text", "text")
INSERT = """
    INSERT INTO {table} ({all})
    SELECT {keys}, count, errors, total, least, most,
        coalesce(string_to_array(nullif(bins, ''), ',')::int[], '{{}}'),
        coalesce(string_to_array(nullif(bin_counts, ''), ',')::bigint[], '{{}}')
    FROM unnest({arrays}) AS told({all})"""
IN_THE_PLACE_OF = """
    ON CONFLICT ({keys}) DO UPDATE SET {given}"""


def insert(table: str, keys: Mapping[str, str]) -> str:
    """One statement for any number of rows; `keys` are columns and their types. It takes `parameters`."""
    arrays = ", ".join(f"%s::{type}[]" for type in (*keys.values(), *TYPES))
    return INSERT.format(table=table, keys=", ".join(keys), all=", ".join((*keys, *COLUMNS)), arrays=arrays)


def replace(table: str, keys: Mapping[str, str]) -> str:
    """The same, in the place of what is stored under a key."""
    given = ", ".join(f"{column} = excluded.{column}" for column in COLUMNS)
    return insert(table, keys) + IN_THE_PLACE_OF.format(keys=", ".join(keys), given=given)


def parameters(rows: Iterable[tuple[tuple[object, ...], Summary]]) -> list[list[object]]:
    """Of keys and their summaries, of which there is at least one."""
    return [list(column) for column in zip(*((*key, *_figures(of)) for key, of in rows), strict=True)]


def summary(count: int, errors: int, total: float, least: float, most: float, bins: Any, counts: Any) -> Summary:
    return Summary(count, errors, total, least, most, dict(zip(bins, counts, strict=True)))


def _figures(of: Summary) -> tuple[object, ...]:
    bins, counts = ",".join(map(str, of.bins)), ",".join(map(str, of.bins.values()))
    return of.count, of.errors, of.total, of.least, of.most, bins, counts
