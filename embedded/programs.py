"""The programs of the site: web server, worker and scheduler, and the consumer of events where there are any."""

import os
import signal
import sys
from pathlib import Path

from embedded.process import Program


def site(root: Path, web_port: int) -> list[Program]:
    """Web on 127.0.0.1:`web_port`, worker and beat, of the project in the folder `root`."""
    python = [sys.executable, "-m"]
    web = ["gunicorn", "config.wsgi", f"--bind=127.0.0.1:{web_port}", "--workers=1", "--threads=8"]
    worker = ["celery", "-A", "config", "worker", "--concurrency=2", "--loglevel=info"]
    beat = ["celery", "-A", "config", "beat", "--loglevel=info"]
    # A bucket's events are for those who have such a queue. It waits for messages as long as it is patient.
    consumer = Program("events", [sys.executable, "manage.py", "consume_events"], root, patience=30.0)
    return [
        Program("web", [*python, *web, "--graceful-timeout=10", "--no-control-socket"], root),
        # Without its broker a worker hangs in its own shutdown, warm or cold. Being killed costs nothing: leases end.
        Program("worker", [*python, *worker], root, orphan_signal=signal.SIGKILL),
        Program("beat", [*python, *beat, "--scheduler=django_celery_beat.schedulers:DatabaseScheduler"], root),
        *([consumer] if os.environ.get("EVENT_QUEUE_URL") else []),
    ]
