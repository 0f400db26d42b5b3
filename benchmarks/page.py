"""docs/benchmarks.md, from the sheet."""

from __future__ import annotations

from statistics import median

from benchmarks import where
from benchmarks.sheet import Sheet
from benchmarks.verdict import Row, rows

MARKS = {True: "✔", False: '<span style="color:red">✘ not reached</span>', None: "not measured"}
ABOUT = """\
# Benchmarks

Written by `make bench`; do not edit. What is compared ran side by side in one run on one machine, interleaved
(A B C A B C …), and each figure is the median of its rounds. Of several commands below each has measured its parts
anew, and left the others as they were; the machine is the last one's. Every contender starts from emptied tables and a
CHECKPOINT. A rate is lines of the file a second; {sampled}
"""
FAIRNESS = """\
## What is compared, and how

- **Table**: `batches_transaction` as the migrations make it, with its primary key, its indexes and its CHECKs, in an
  embedded PostgreSQL of the benchmarks' own (`var/bench`), settings as in `embedded/postgres.py`, everything durable.
- **Lines**: Nova's layout, about 650 bytes, 1 % refused by AWS, 0.5 % impossible dates, 0.5 % truncated answers.
- **Copy**: one connection, one transaction, nothing to decode, no dead letters, no counters, no lease: exactly the rows
  the engine would write, in the order of the file. It stands for all the file's lines, so ratios are ratios of time.
- **Engine**: processes that call `batches.pipeline.work.work` until nothing is pending, as Celery's children do. The
  clock includes receiving and splitting the file, dead letters, counters and finishing.
- **bulk_create**: the same reader and decoder, 1,000 rows a statement, a transaction for each chunk; dead lines
  dropped. Its columns of bytes keep Django from sending them as arrays (UNNEST), which is quicker.
- **dlt**: the same reader and decoder, `write_disposition="merge"`, `primary_key="id"`, strategy *upsert*, dead lines
  dropped, into a table with the same columns, primary key and indexes. *Arrow* is what its documentation recommends
  for speed (Arrow tables, Parquet, COPY through ADBC); *rows* is its default (dicts, `insert_values`), two normalisers.
- **Lines of 300 kB**: one process, cold page cache (`posix_fadvise`), beside the plain reading of the same file.
- **Landing**: a real worker (two processes) and beat; the clock runs from before `put` until the file is finished.
- **Images**: S3 as moto serves it, one process, made anew for each run. Sixteen threads in one process, on both sides.
  The bare pool calls copy_object and delete_object; ours claims, copies, verifies size and checksum, records, deletes
  many in one request, and records again. The clock runs from the finished file to the last image recorded. Errors are
  put in for requests that are not sent: 503, one in two hundred.
- **Stock**: eight processes call the product's own verb `ship`, permission check and all, one transaction a posting,
  on disk when the verb returns; one line of 2,000 products with a reorder point, then of one product, then orders of
  five lines. The processes and the server share the machine. After each run ledger and levels are reconciled.
- **Imports and exports**: a process of its own for each turn; the file that was exported is checked and then written
  into an empty catalogue. Descriptions have 230 characters. Peak is the process's, Django and all.
- **Pages**: asked for by Django's test client, views, templates and queries in one process; the letters are made in the
  database, 500 groups of which few have most of them, four tallies of each not yet rolled up. 100,000 products lie in
  300 categories, with 300,000 levels of stock; *saving* is the form that is sent.
  For the stock pages all of them lie at one location and have five movements each, one of them 20,000, and a stocktake
  of the location is half counted.
- **Cost of tracing and metrics**: one worker, with `monitoring.telemetry`, the chunks' and files' figures, carried ids
  and counted queries patched out, in turn; the median of the pairs' ratios. Told by processor time, the worker's and
  all of PostgreSQL's. Single pairs spread by several times what is to be told, so the row names their range. Of a web
  request: health, home and the list of jobs, by the site as it is and by one without telemetry, in turn in one process;
  the largest difference of the medians.
"""

TRIED = """\
## What was tried for the rows that are red

- **Two workers against the copy; the second run against the first.** Both processors are busy to the end: a line
  costs the worker about as much as it costs PostgreSQL (the table above), and the copy has neither to decode, nor to
  bury, nor to share its indexes with a second writer. What went, each by a profile: pairs that the garbage collector
  looked at, timestamps parsed and written anew, the job's part of each id hashed again, a slower hash for rows, reading
  a repeated file's rows instead of comparing them in the database. What brought nothing: msgspec's `Raw` for the
  model's answer, a flattened envelope, `decode_lines`, a shorter switch interval of the interpreter, larger writes to
  COPY, Python 3.12 and 3.13, more shared_buffers and wal_buffers. What would bring more was not done:
  dropping indexes (each costs a tenth of the rate, and each has a page that needs it), `synchronous_commit = off` (a
  commit that was told must hold), unlogged tables, or skipping a repeated file's lines by a hash of their bytes (it
  would make this benchmark quicker, and no night).
- **dlt by Arrow.** dlt loads Arrow through the same COPY; five times its rate is more than twice what the bare copy
  does here. Its rows, the way its documentation begins with, are beside it.
- **A movement a posting.** Both processors are busy to the end: such a posting costs the writer 1.0 ms and PostgreSQL
  1.8 (measured in the runs above), and two processors have 2,000 in a second. Ten statements became one function of the
  database, which is its own transaction; a posting took 2.9 ms with one writer before, 2.1 then. What would bring more
  was not done: triggers that keep the ledger append-only and in step with its levels, indexes that pages use, and
  `synchronous_commit = off`. An order has several lines, and its movements are posted together: the row beneath.
- **Pages of the shop.** A search of levels finds up to 10,000 products twice, for its count and for its page: 80 ms of
  PostgreSQL here, and 35 more for the sums of each location above the list; the rest, 110 ms, is the templates',
  though the rows of lists cost a third less than the theme's own. *Soonest out of stock first* was 1.1 s while it added
  up a month of movements for each of 115,000 levels; what left is now kept with the level
  (`inventory/ledger/add_up_demand`).
- **This machine** is shared, and its speed with it: a loop over 30 million numbers took from 0.38 to 0.92 s, within a
  run as well. The pages and postings of the shop were measured at its slow end (0.73 to 0.85 s); at its quick end 750
  movements a second were posted one by one in place of 469.
"""

PAGES = {
    "letters": "Pages at 1,000,000 open letters and 100,000 jobs",
    "products": "Pages at 100,000 products",
    "stock_pages": "Stock pages at 100,000 products and 500,000 movements",
    "history": "History at 1,000,000 changes",
    "home": "Home with 30 days of figures, 100,000 letters and 100,000 jobs",
    "monitoring_pages": "Pages of figures with 30 days of 143 series",
    "traces": "Pages of traces at 5,000,000 spans, 1,000,000 log lines and 30 days of figures",
}


def page(sheet: Sheet) -> str:
    parts = [
        ABOUT.format(sampled=sheet.notes.get("sampled", "")),
        _facts("Machine", sheet.notes.get("machine", {})),
        _facts("Versions", sheet.notes.get("versions", {})),
        "## Commands\n\n```\n" + "\n".join(sheet.notes.get("commands", [])) + "\n```\n",
        _table(rows(sheet)),
        _sizes(sheet),
        FAIRNESS,
    ]
    if found := sheet.notes.get("where"):
        parts.append("## Where the time goes\n\n" + where.page(found) + "\n")
    if any(row.reached is False for row in rows(sheet)):
        parts.append(TRIED)
    parts += [_pages(title, found) for note, title in PAGES.items() if (found := sheet.notes.get(note))]
    if found := sheet.notes.get("experiments"):
        parts.append("## Experiments\n\n" + "\n".join(_experiment(name, told) for name, told in found.items()))
    return "\n".join([*parts, _raw(sheet)])


def _facts(title: str, facts: dict[str, str]) -> str:
    return f"## {title}\n\n| | |\n|---|---|\n" + "".join(f"| {name} | {value} |\n" for name, value in facts.items())


def _table(found: list[Row]) -> str:
    head = "## Results\n\n| measured | figure | must reach | ratio | |\n|---|---|---|--:|---|\n"
    return head + "".join(
        f"| {row.what} | {row.measured} | {row.target} | {row.ratio} | {MARKS[row.reached]} |\n" for row in found
    )


def _sizes(sheet: Sheet) -> str:
    head = "### Every rate, and the most memory a worker held\n\n| | median | unit | peak memory |\n|---|--:|---|--:|\n"
    return head + "".join(
        f"| {name} | {_middle(name, values)} | {_unit(name)} | {_peak(sheet, name)} |\n"
        for name, values in sheet.samples.items()
    )


def _middle(name: str, values: list[float]) -> str:
    value = median(values)
    return (
        f"{value / 1e6:,.0f}"
        if name.startswith("wide")
        else f"{value:.3f}"
        if name.startswith("landing")
        else f"{value:,.0f}"
    )


def _unit(name: str) -> str:
    units = {"wide": "MB/s", "landing": "s", "moves": "images/s", "stock": "movements/s", "transfers": "rows/s"}
    return units.get(name.partition(":")[0], "lines/s")


def _peak(sheet: Sheet, name: str) -> str:
    return f"{max(sheet.peaks[name]) / 1e6:.0f} MB" if name in sheet.peaks else ""


def _pages(title: str, found: dict[str, dict[str, float]]) -> str:
    head = f"## {title}\n\n| page | median, ms | queries |\n|---|--:|--:|\n"
    return head + "".join(f"| {name} | {page['ms']:.0f} | {page['queries']:.0f} |\n" for name, page in found.items())


def _experiment(name: str, told: dict[str, float]) -> str:
    head = f"### {name}\n\n| | rows/s |\n|---|--:|\n"
    return head + "".join(f"| {what} | {rate:,.0f} |\n" for what, rate in told.items())


def _raw(sheet: Sheet) -> str:
    return f"<details><summary>Raw samples</summary>\n\n```json\n{sheet.as_json()}\n```\n\n</details>\n"
