"""The table's rows: what was measured, what it must reach, and whether it did."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import NamedTuple

from benchmarks.landing import EVENT
from benchmarks.sheet import Sheet
from benchmarks.stock import HOT, LINES, MANY, ORDERS

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
PEAK_LIMIT = 150 * 10**6  # bytes a worker
TRANSFERS = "transfers: "
PAGE_MS, PAGE_QUERIES = 200, 20
FIGURES_MS, HOME_QUERIES = 300, 29  # home is the sum of its sections
WIDE_LIMIT = 500e6  # bytes a second


class Row(NamedTuple):
    """`reached` None: not measured in this run."""

    what: str
    measured: str
    target: str
    ratio: str
    reached: bool | None


def rows(sheet: Sheet) -> list[Row]:
    return [
        _compared(sheet, "engine, 2 workers", "copy", 1.0, "our engine, 2 workers, to `\\copy` of ready-made text"),
        _compared(sheet, "engine, 1 worker", "copy", 0.75, "our engine, 1 worker, to the same copy"),
        _compared(sheet, "engine, 2 workers", "bulk_create", 3, "our engine to Django `bulk_create(update_conflicts)`"),
        _compared(sheet, "engine, 2 workers", "dlt, rows", 5, "our engine to dlt's merge, rows (its default)"),
        _compared(sheet, "engine, 2 workers", "dlt, Arrow", 5, "our engine to dlt's merge, Arrow (its fastest)"),
        _compared(sheet, "the same again", "engine, 2 workers", 2, "the second, identical run, to the first"),
        _growth(sheet),
        _memory(sheet),
        _flat(sheet),
        _wide(sheet),
        *_landings(sheet),
        _telemetry(sheet),
        _web_cost(sheet),
        _moves(sheet),
        _moved(sheet),
        _stock(sheet, MANY, 1_000, "stock movements posted by 8 writers, 2,000 products, a posting each"),
        _stock(sheet, HOT, 150, "the same, all of one product"),
        _stock(sheet, ORDERS, 1_000, f"the same, in orders of {LINES} lines of 2,000 products"),
        _transfers(sheet),
        _slowest(sheet, "letters", "slowest page at 1,000,000 open letters and 100,000 jobs"),
        _slowest(sheet, "products", "slowest page at 100,000 products"),
        _slowest(sheet, "stock_pages", "slowest stock page at 100,000 products and 500,000 movements"),
        _slowest(sheet, "home", "home with 30 days of figures and 100,000 jobs, any range", queries=HOME_QUERIES),
        _slowest(sheet, "monitoring_pages", "slowest page of figures with 30 days of 143 series", ms=FIGURES_MS),
        _slowest(sheet, "traces", "slowest page of traces at 5,000,000 spans", ms=FIGURES_MS),
        _slowest(sheet, "history", "slowest page of the history at 1,000,000 changes"),
    ]  # fmt: skip


def _compared(sheet: Sheet, one: str, other: str, target: float, what: str) -> Row:
    ratio = sheet.ratio(one, other)
    if ratio is None:
        return _not_measured(what, f"≥ {target} ×")
    measured = f"{sheet.middle(one):,.0f} to {sheet.middle(other):,.0f} lines/s"
    return Row(what, measured, f"≥ {target} ×", f"{ratio:.2f} ×", ratio >= target)


def _growth(sheet: Sheet) -> Row:
    what, target = "growth of the table by that second run", "none"
    if (growth := sheet.notes.get("growth")) is None:
        return _not_measured(what, target)
    return Row(
        what,
        f"{growth['table']:,} bytes, with indexes {growth['with indexes']:,}",
        target,
        "",
        not any(growth.values()),
    )


def _memory(sheet: Sheet) -> Row:
    what, target = "peak memory of a worker, 100 to 10,000,000 lines", "≤ 150 MB"
    peaks = [peak for name, values in sheet.peaks.items() for peak in values if not name.startswith(TRANSFERS)]
    if not peaks:
        return _not_measured(what, target)
    return Row(what, f"{max(peaks) / 1e6:.0f} MB", target, f"{max(peaks) / PEAK_LIMIT:.2f}", max(peaks) <= PEAK_LIMIT)


def _flat(sheet: Sheet) -> Row:
    return _compared(
        sheet, size_name(SIZES[-1]), size_name(SIZES[-2]), 0.8, "rate at 10,000,000 lines to that at 1,000,000"
    )


def size_name(lines: int) -> str:
    return f"{lines:,} lines, 2 workers"


def _wide(sheet: Sheet) -> Row:
    what, target = "lines of 300 kB, decoded by one process", "≥ 500 MB/s, or the storage's own rate if less"
    decoded, read = sheet.middle("wide: decode, cold"), sheet.middle("wide: read, cold")
    if decoded is None or read is None:
        return _not_measured(what, target)
    measured = f"{decoded / 1e6:,.0f} MB/s; plain reading {read / 1e6:,.0f} MB/s"
    ratio = decoded / min(read, WIDE_LIMIT)
    return Row(what, measured, target, f"{ratio:.2f} ×", ratio >= 1)


def _landings(sheet: Sheet) -> Iterator[Row]:
    found = [name for name in sheet.samples if name.startswith("landing: ")]
    for name in found:
        limit = 1.0 if "embedded" in name else 0.5
        seconds = median(sheet.samples[name])
        what = f"1,000 lines, from landing to finished, {name.removeprefix('landing: ')}"
        yield Row(what, f"{seconds:.3f} s", f"< {limit} s", f"{seconds / limit:.2f}", seconds < limit)
    for broker in ("embedded", "RabbitMQ", "Redis"):
        if not any(broker in name for name in found):
            limit = 1.0 if broker == "embedded" else 0.5
            yield _not_measured(f"1,000 lines, from landing to finished, {broker}, {EVENT}", f"< {limit} s")


def _telemetry(sheet: Sheet) -> Row:
    what, target = "cost of tracing and metrics", "< 5 %"
    pairs = sheet.pairs("telemetry on, of a processor", "telemetry off, of a processor")
    if not pairs:
        return _not_measured(what, target)
    cost, clock = 1 - median(pairs), 1 - median(sheet.pairs("telemetry on", "telemetry off"))
    measured = (
        f"of processor time, the median of {len(pairs)} pairs that range from {1 - max(pairs):.1%} to"
        f" {1 - min(pairs):.1%}; by the clock {clock:.1%}"
    )
    return Row(what, measured, target, f"{cost:.1%}", cost < 0.05)


def _web_cost(sheet: Sheet) -> Row:
    what, target = "the same, of a web request", "< 1 ms"
    if not (pages := sheet.notes.get("web")):
        return _not_measured(what, target)
    costs = {name: page["ms"] - page["silent_ms"] for name, page in pages.items()}
    most = max(costs, key=lambda name: costs[name])
    measured = f"{most}: {pages[most]['ms']:.2f} to {pages[most]['silent_ms']:.2f} ms without"
    return Row(what, measured, target, f"{costs[most]:.2f} ms", costs[most] < 1)


def _moves(sheet: Sheet) -> Row:
    what, target = "images moved, to a bare boto3 pool's copy and delete", "≥ 0.8 ×"
    ratio = sheet.ratio("moves: ours", "moves: bare boto3 pool")
    if ratio is None:
        return _not_measured(what, target)
    measured = f"{sheet.middle('moves: ours'):,.0f} to {sheet.middle('moves: bare boto3 pool'):,.0f} images/s"
    return Row(what, measured, target, f"{ratio:.2f} ×", ratio >= 0.8)


def _moved(sheet: Sheet) -> Row:
    what, target = "images moved with 0.5 % of the requests failing", "> 99 %"
    told = sheet.notes.get("moves", {}).get("moves: ours, 0.5 % errors")
    if not told:
        return _not_measured(what, target)
    moved, failed = (sum(run[name] for run in told) for name in ("moved", "failed"))
    share = moved / (moved + failed)
    return Row(what, f"{moved:,} of {moved + failed:,}", target, f"{share:.2%}", share > 0.99)


def _stock(sheet: Sheet, name: str, least: int, what: str) -> Row:
    target, rate = f"≥ {least:,} /s", sheet.middle(name)
    if rate is None:
        return _not_measured(what, target)
    return Row(what, f"{rate:,.0f} movements/s", target, f"{rate / least:.2f} ×", rate >= least)


def _transfers(sheet: Sheet) -> Row:
    what, target = "peak memory of a check, an import or an export of 100,000 products", "≤ 150 MB"
    peaks = {name: max(values) for name, values in sheet.peaks.items() if name.startswith(TRANSFERS)}
    if not peaks:
        return _not_measured(what, target)
    most = max(peaks, key=lambda name: peaks[name])
    measured = f"{peaks[most] / 1e6:.0f} MB ({most.removeprefix(TRANSFERS)})"
    return Row(what, measured, target, f"{peaks[most] / PEAK_LIMIT:.2f}", peaks[most] <= PEAK_LIMIT)


def _slowest(sheet: Sheet, note: str, what: str, ms: int = PAGE_MS, queries: int = PAGE_QUERIES) -> Row:
    target = f"< {ms} ms, < {queries} queries"
    if not (pages := sheet.notes.get(note)):
        return _not_measured(what, target)
    slowest = max(pages, key=lambda name: pages[name]["ms"])
    took, asked = pages[slowest]["ms"], max(page["queries"] for page in pages.values())
    measured = f"{slowest}: {took:.0f} ms; {asked:.0f} queries at most"
    return Row(what, measured, target, f"{took / ms:.2f}", took < ms and asked < queries)


def _not_measured(what: str, target: str) -> Row:
    return Row(what, "not measured", target, "", None)
