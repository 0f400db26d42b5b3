"""`make bench`: what is run, in which order. A quick try writes var/bench/quick.md; only a full run writes docs/."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from benchmarks import place, sheet
from benchmarks.sheet import Sheet

PARTS = (
    "engine", "copy", "bulk_create", "dlt", "again", "sizes", "wide", "landing", "telemetry", "moves", "stock",
    "transfers", "letters", "products", "stock_pages", "history", "home", "monitoring_pages", "web", "traces", "where",
)  # fmt: skip
FULL_LINES = 1_000_000
# Slow contenders get a part of the file: a smaller table favours them.
SAMPLE_LINES = 100_000


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    place.set_up()
    from benchmarks import machine
    from benchmarks.experiments import experiments
    from benchmarks.lines import receipts
    from benchmarks.page import page
    from benchmarks.plan import measure

    began, full = time.monotonic(), options.only == PARTS and options.lines == FULL_LINES
    docs = options.write or full
    sample = min(options.lines, SAMPLE_LINES)
    target = place.BASE / "docs" / "benchmarks.md" if docs else place.ROOT / "quick.md"
    found = sheet.load(target) if options.experiments else Sheet()
    if options.experiments:
        found.notes["experiments"] = experiments(receipts(options.lines), options.rounds)
    else:
        facts = machine.machine()
        found.notes |= {"machine": facts, "versions": machine.versions(), "commands": _commands(facts["Commit"])}
        found.notes["sampled"] = (
            f"the file has {options.lines:,} lines, for bulk_create and dlt's rows another {sample:,}"
            " (a smaller table is quicker: it favours them)."
        )
        found.notes |= {"experiments": sheet.load(target).notes.get("experiments")}
        measure(found, options.only, options.lines, sample, options.rounds, options.largest, options.images)
    if options.beside:
        found = found.over(sheet.load(target))
    target.write_text(page(found), encoding="utf-8")
    print(f"{time.monotonic() - began:.0f} s; see {target}")
    return 0


def _commands(commit: str) -> list[str]:
    given = " ".join(sys.argv[1:])
    return [
        f"make bench{f' ARGS={given!r}' if given else ''}  # commit {commit}",
        "# that is: python -m embedded --root var/bench exec -- .venv/bin/python -m benchmarks",
        '# the experiments: make bench ARGS="--experiments --write"',
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--lines", type=int, default=FULL_LINES, help="of the file the contenders take in")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--largest", type=int, help="the largest of the sizes; ten times --lines when left out")
    parser.add_argument("--images", type=int, default=10_000, help="that are moved")
    parser.add_argument("--only", type=_parts, default=PARTS, metavar="PART,…", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--experiments", action="store_true", help="the experiments instead of the table's rows")
    parser.add_argument("--write", action="store_true", help="write docs/ although this is no full run")
    parser.add_argument("--beside", action="store_true", help="keep what an earlier run measured of other parts")
    return parser


def _parts(text: str) -> tuple[str, ...]:
    parts = tuple(text.split(","))
    if unknown := set(parts) - set(PARTS):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
    return parts


if __name__ == "__main__":
    sys.exit(main())
