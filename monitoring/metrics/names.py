"""Every metric there is: what it measures, its unit, its labels. Pages, alarms and `/metrics` read it here.

`happenings` are counted, with how many of them failed; `times` (seconds) and `levels` (looked at once a minute) have a
value each, so also an average and percentiles.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Sort(StrEnum):
    HAPPENINGS = "happenings"
    TIMES = "times"
    LEVELS = "levels"


class Metric(NamedTuple):
    name: str
    sort: Sort
    unit: str  # of its values; of what is counted, for happenings
    help: str
    labels: tuple[str, ...] = ()


def _times(name: str, help: str, *labels: str) -> Metric:
    return Metric(name, Sort.TIMES, "s", help, labels)


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        # Batches. Written in the transaction that commits what they count.
        Metric("batch.lines", Sort.HAPPENINGS, "lines", "Lines read; the dead ones failed.", ("kind",)),
        _times("batch.chunk", "From the claim of a chunk to its commit.", "kind"),
        _times("batch.file", "From a result file's arrival to its last chunk's commit.", "kind"),
        Metric("batch.images", Sort.HAPPENINGS, "images", "Images moved, or given up."),
        Metric("batch.redriven", Sort.HAPPENINGS, "letters", "Letters tried again; those not put right failed."),
        # The site and its workers.
        _times("http.request", "Requests answered; status 500 and above failed.", "route", "method"),
        _times("task.run", "Tasks run by workers.", "task", "queue"),
        Metric("task.retried", Sort.HAPPENINGS, "tasks", "Tasks to be tried again.", ("task", "queue")),
        _times("database.statement", "SQL statements.", "component"),
        _times("storage.call", "Calls to storage.", "operation", "component"),
        _times("queue.publish", "Wake-ups handed to the broker.", "component"),
        # The shop.
        Metric("stock.postings", Sort.HAPPENINGS, "postings", "Postings to the ledger.", ("kind",)),
        Metric("product.views", Sort.HAPPENINGS, "views", "Pages of products looked at."),
        Metric("product.edits", Sort.HAPPENINGS, "products", "Products written."),
        Metric("admin.actions", Sort.HAPPENINGS, "actions", "What people did; the refused ones failed.", ("action",)),
        Metric("notices.sent", Sort.HAPPENINGS, "notices", "Notices channels took; not or unsure: failed.", ("kind",)),
        # Looked at once a minute.
        Metric("letters.open", Sort.LEVELS, "letters", "Dead letters that wait for a person."),
        Metric("dlq.depth", Sort.LEVELS, "messages", "Messages in dead-letter queues and open dead letters."),
        Metric("queue.depth", Sort.LEVELS, "messages", "Messages waiting in a queue.", ("queue", "broker")),
        Metric("queue.age", Sort.LEVELS, "s", "Age of a queue's oldest message.", ("queue", "broker")),
        Metric("workers.alive", Sort.LEVELS, "workers", "Workers that answered of late."),
        Metric("process.cpu", Sort.LEVELS, "%", "Of one processor.", ("process",)),
        Metric("process.memory", Sort.LEVELS, "bytes", "Resident memory.", ("process",)),
        Metric("disk.used", Sort.LEVELS, "%", "Of the disk that holds temporary files and the storage folder."),
        Metric("disk.read", Sort.LEVELS, "bytes", "Read from disks in the minute."),
        Metric("disk.written", Sort.LEVELS, "bytes", "Written to disks in the minute."),
        Metric("database.connections", Sort.LEVELS, "connections", "Connections to the database server."),
        Metric("outbox.waiting", Sort.LEVELS, "notices", "Notices that no channel has taken yet."),
        Metric("deliveries.failed", Sort.LEVELS, "notices", "Notices a channel has not taken, or may not have."),
        # Telemetry itself.
        Metric("telemetry.lost", Sort.HAPPENINGS, "figures", "Figures and spans without room.", ("what",)),
    )
}
