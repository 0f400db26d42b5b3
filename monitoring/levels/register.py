"""The levels that this app knows by itself."""

from __future__ import annotations

from monitoring import outbox
from monitoring.levels import host, queues, server
from monitoring.telemetry import level


def register() -> None:
    level("queue.depth", queues.depths)
    level("queue.age", queues.ages)
    level("workers.alive", server.workers)
    level("database.connections", server.connections)
    level("outbox.waiting", outbox.waiting)
    level("deliveries.failed", outbox.failed)
    level("disk.used", host.disk_used)
    level("disk.read", host.DiskTraffic("read_bytes").read)
    level("disk.written", host.DiskTraffic("write_bytes").read)
