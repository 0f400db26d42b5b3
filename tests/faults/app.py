"""The Celery application with failpoints: `celery -A tests.faults.app worker`. Under test only."""

from __future__ import annotations

import os

import django

from config.celery import app
from config.queues import is_rabbitmq, use_quorum_queues
from tests.faults import failpoints

__all__ = ["app"]

# Each run has its queue: neither a developer's worker nor another run takes its messages.
app.conf.task_default_queue = os.environ["FAULTS_QUEUE"]
if is_rabbitmq(app):
    use_quorum_queues(app)
if os.environ.get("FAULTS_READ_TIMEOUT"):
    from botocore.config import Config
    from django.conf import settings

    # S3 that does not answer is given up after a minute; a test does not wait that long.
    timeout = float(os.environ["FAULTS_READ_TIMEOUT"])
    settings.STORAGES["default"]["OPTIONS"]["client_config"] = Config(read_timeout=timeout)
django.setup()
failpoints.install()
if os.environ.get("FAULTS_BROKEN_FENCE"):
    failpoints.break_the_fence()
if os.environ.get("FAULTS_HURRY"):
    failpoints.hurry()
if os.environ.get("FAULTS_REDRIVE_BATCH"):
    from batches.letters import allowance

    vars(allowance)["BATCH"] = int(os.environ["FAULTS_REDRIVE_BATCH"])
if os.environ.get("FAULTS_BATCH_LINES"):
    from batches.pipeline import parse

    vars(parse)["BATCH_LINES"] = int(os.environ["FAULTS_BATCH_LINES"])
