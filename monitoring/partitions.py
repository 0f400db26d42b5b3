"""Tables of which each day or month is a partition: made ahead, and dropped as a whole when it is too old.

A partition is made beside its table and then attached, which locks out nobody who reads or writes. Dropping one locks
the table for an instant: where that is not to be had at once, it is tried again at the next look.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.migrations.operations import CreateModel
from django.utils import timezone

from monitoring import telemetry

DAYS_AHEAD = 2
# Whoever reads or writes the table meanwhile waits behind us, and we behind the one who has it: not for long.
LOCK_MILLISECONDS = 300
LOCK_KEY = 0x4E53_5041_5254


class Partitioned(NamedTuple):
    column: str
    monthly: bool
    setting: str  # for how many days it is kept


TABLES = {
    "monitoring_minute": Partitioned("at", False, "METRIC_MINUTE_DAYS"),
    "monitoring_hour": Partitioned("at", True, "METRIC_HOUR_DAYS"),
    "monitoring_day": Partitioned("at", True, "METRIC_HOUR_DAYS"),
    "monitoring_span": Partitioned("started_at", False, "TRACE_DAYS"),
    "monitoring_trace": Partitioned("day", False, "TRACE_DAYS"),
    "monitoring_logline": Partitioned("at", False, "TRACE_DAYS"),
}

_made: set[str] = set()


class CreatePartitioned(CreateModel):
    """CreateModel of a table that is partitioned by the range of a column."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = self.options["db_table"]
        usual = schema_editor.sql_create_table
        schema_editor.sql_create_table = f"{usual} PARTITION BY RANGE ({TABLES[table].column})"
        try:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        finally:
            schema_editor.sql_create_table = usual


def oldest_kept(table: str, now: datetime) -> datetime:
    """Where the oldest partition begins that is kept."""
    return _begin(table, now - timedelta(days=getattr(settings, TABLES[table].setting)))


def make_for(table: str, moments: Iterable[datetime]) -> None:
    """The partitions these rows go to, where they are not there yet. In the caller's transaction, if it has one."""
    for begin in sorted({_begin(table, moment) for moment in moments}):
        name = _name(table, begin)
        if name in _made:
            continue
        if not _there(name):
            _make(table, name, begin)
        if not connection.in_atomic_block:  # otherwise it may yet be rolled back
            _made.add(name)


def keep_partitions(now: datetime | None = None) -> None:
    """Those of the coming days are there, and those that are too old are not."""
    now = now or timezone.now()
    for table in TABLES:
        make_for(table, [now + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1)])
        for name, begin in _partitions(table):
            if begin < oldest_kept(table, now):
                _drop(name)


def _make(table: str, name: str, begin: datetime) -> None:
    # Two processes at midnight: the second waits, and finds it made.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
        if _there(name):
            return
        cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
        cursor.execute(
            f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM (%s) TO (%s)",
            [_bound(table, begin), _bound(table, _end(table, begin))],
        )


def _drop(name: str) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_MILLISECONDS}ms'")
            cursor.execute(f"DROP TABLE IF EXISTS {name}")
    except OperationalError as fault:
        telemetry.event("partition_in_use", partition=name, error=str(fault))
        return
    _made.discard(name)
    telemetry.event("partition_dropped", partition=name)


def _there(name: str) -> bool:
    # Not to_regclass: it answers from a cache that an advisory lock does not renew, and whoever has waited for the one
    # who made the partition would make it again.
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_class WHERE relname = %s AND pg_table_is_visible(oid))", [name])
        return bool(cursor.fetchone()[0])


def _partitions(table: str) -> list[tuple[str, datetime]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relid::regclass::text FROM pg_partition_tree(%s) WHERE isleaf", [table])
        names = [name for (name,) in cursor.fetchall() if name != table]
    return sorted((name, _begin_of(name)) for name in names)


def _name(table: str, begin: datetime) -> str:
    return f"{table}_{begin:%Y%m}" if TABLES[table].monthly else f"{table}_{begin:%Y%m%d}"


def _begin_of(name: str) -> datetime:
    digits = name.rpartition("_")[2]
    return datetime.strptime(digits, "%Y%m" if len(digits) == 6 else "%Y%m%d").replace(tzinfo=UTC)


def _begin(table: str, moment: datetime) -> datetime:
    day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day.replace(day=1) if TABLES[table].monthly else day


def _end(table: str, begin: datetime) -> datetime:
    return _begin(table, begin + timedelta(days=32)) if TABLES[table].monthly else begin + timedelta(days=1)


def _bound(table: str, moment: datetime) -> str:
    return moment.date().isoformat() if TABLES[table].column == "day" else moment.isoformat()
