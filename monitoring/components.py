"""The nodes of the service map: the site's processes, and what they ask."""

from __future__ import annotations

from django.db.models import TextChoices


class Component(TextChoices):
    WEB = "web", "Web"
    WORKER = "worker", "Worker"
    SCHEDULER = "scheduler", "Scheduler"
    CONSUMER = "consumer", "Event consumer"
    COMMAND = "command", "Command"
    DATABASE = "database", "PostgreSQL"
    STORAGE = "storage", "Storage"
    QUEUE = "queue", "Queue"
    MODEL = "model", "Model"
