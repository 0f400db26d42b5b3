"""The rounds: each contender once a round, in turn, so that a slow minute of the machine hits them all."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from benchmarks import (
    contenders,
    history_pages,
    landing,
    letters,
    monitoring_pages,
    moves,
    products,
    server,
    stock,
    stock_pages,
    traces,
    transfers,
    web_cost,
    where,
)
from benchmarks.engine import Run, ingest
from benchmarks.lines import again, receipts, wide
from benchmarks.ready_text import ready_text
from benchmarks.sheet import Sheet
from benchmarks.verdict import SIZES, size_name

WIDE_BYTES = 2_000_000_000
LANDINGS = 20
POSTINGS, HOT_POSTINGS, ORDER_POSTINGS = 20_000, 4_000, 4_000
TRANSFERRED = 100_000  # products
PAGES: dict[str, Callable[[], dict[str, dict[str, float]]]] = {
    "letters": letters.pages,
    "products": products.pages,
    "stock_pages": stock_pages.pages,
    "web": web_cost.pages,
    "traces": traces.pages,
    "home": monitoring_pages.home,
    "monitoring_pages": monitoring_pages.pages,
    "history": history_pages.pages,
}
TELEMETRY_LINES, TELEMETRY_ROUNDS = 200_000, 4  # times --rounds: a few percent need many pairs


def measure(
    sheet: Sheet, parts: Collection[str], lines: int, sample: int, rounds: int, largest: int | None, images: int
) -> None:
    """Run the parts and put what they measure on the sheet."""
    path = receipts(lines)
    if "copy" in parts:
        ready_text(path)
    print(f"{lines:,} lines, {path.stat().st_size / 1e6:,.0f} MB", flush=True)
    for number in range(1, rounds + 1):
        print(f"Round {number} of {rounds}", flush=True)
        _compare(sheet, parts, path, lines, receipts(sample), sample)
        if "sizes" in parts:
            _sizes(sheet, [size for size in SIZES if size <= (largest or 10 * lines)])
        if "wide" in parts:
            _wide(sheet, wide(min(WIDE_BYTES, lines * 2_000)))
        if "telemetry" in parts:
            _telemetry(sheet, receipts(min(lines, TELEMETRY_LINES)))
    _apart(sheet, parts, rounds, images, lines)
    if "where" in parts:
        sheet.notes["where"] = where.where(path)
    for part in filter(parts.__contains__, PAGES):
        sheet.notes[part] = PAGES[part]()


def _apart(sheet: Sheet, parts: Collection[str], rounds: int, images: int, lines: int) -> None:
    """What is compared with nothing else of the round."""
    if "landing" in parts:
        _landing(sheet, LANDINGS if rounds > 1 else 3)
    if "moves" in parts:
        _moves(sheet, images, rounds)
    if "stock" in parts:
        _stock(sheet, rounds)
    if "transfers" in parts:
        for name, run in transfers.runs(min(lines, TRANSFERRED)).items():
            sheet.add(name, run)


def _compare(sheet: Sheet, parts: Collection[str], path: Path, lines: int, sample: Path, sampled: int) -> None:
    turns: dict[str, tuple[str, Callable[[], Run]]] = {
        "copy": ("copy", lambda: contenders.copy(path, lines)),
        "engine, 1 worker": ("engine", lambda: ingest(path, 1)),
        "bulk_create": ("bulk_create", lambda: contenders.bulk_create(sample, sampled)),
        "dlt, rows": ("dlt", lambda: contenders.dlt(sample, sampled, "rows")),
        "dlt, Arrow": ("dlt", lambda: contenders.dlt(path, lines, "arrow")),
        "engine, 2 workers": ("engine", lambda: ingest(path, 2)),
    }
    for name, (part, turn) in turns.items():
        if part in parts:
            server.empty()
            sheet.add(name, turn())
    if "again" in parts:
        _again(sheet, path, begun="engine" in parts)


def _again(sheet: Sheet, path: Path, *, begun: bool) -> None:
    """The same content under another key, on the rows that the engine's last run left there."""
    if not begun:
        server.empty()
        sheet.add("engine, 2 workers", ingest(path, 2))
    server.settle()
    before = server.table_bytes()
    sheet.add("the same again", ingest(again(path), 2))
    sheet.notes["growth"] = {name: size - before[name] for name, size in server.table_bytes().items()}


def _sizes(sheet: Sheet, sizes: list[int]) -> None:
    for size in sizes:
        server.empty()
        sheet.add(size_name(size), ingest(receipts(size), 2))


def _wide(sheet: Sheet, path: Path) -> None:
    from benchmarks.wide import wide_run

    for what in ("read", "decode"):
        for cold in (True, False):
            name = f"wide: {what}, {'cold' if cold else 'cached'}"
            sheet.add(name, wide_run(path, what, cold=cold))
    server.empty()
    run = ingest(path, 1)
    sheet.add("wide: engine, 1 worker, cached", Run(run.seconds, path.stat().st_size, run.peak))


def _telemetry(sheet: Sheet, path: Path) -> None:
    ways: list[tuple[str, list[str]]] = [("telemetry on", []), ("telemetry off", ["--silent"])]
    for _ in range(TELEMETRY_ROUNDS):
        ways.reverse()  # each is as often the second of its pair
        for name, options in ways:
            server.empty()
            before = server.cpu_of_all()
            run = ingest(path, 1, options)
            spent = run.more["workers"][0]["cpu"] + server.cpu_of_all() - before
            sheet.add(name, run)
            sheet.add(f"{name}, of a processor", Run(spent, run.lines))


def _landing(sheet: Sheet, count: int) -> None:
    for broker, url in landing.brokers().items():
        for way, seconds in landing.landings(url, count).items():
            sheet.samples[f"landing: {broker}, {way}"] = seconds
            print(f"  {broker}, {way}: {sorted(seconds)[len(seconds) // 2]:.3f} s", flush=True)


def _moves(sheet: Sheet, count: int, rounds: int) -> None:
    """A server of its own for each run: moto slows down with what it holds."""
    for _ in range(rounds):
        for name, turn in moves.TURNS.items():
            with moves.pool(count) as images:
                run = turn(images)
            sheet.add(name, run)
            if run.more:
                sheet.notes.setdefault("moves", {}).setdefault(name, []).append(run.more)


def _stock(sheet: Sheet, rounds: int) -> None:
    for _ in range(rounds):
        sheet.add(stock.MANY, stock.many(POSTINGS))
        sheet.add(stock.HOT, stock.hot(HOT_POSTINGS))
        sheet.add(stock.ORDERS, stock.orders(ORDER_POSTINGS))
