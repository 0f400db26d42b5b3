"""Where log lines go: standard error, the traces they belong to, and CloudWatch when a group of it is named."""

from __future__ import annotations

from typing import Any

# They log every request they make; at DEBUG that is a line for each line that is shipped.
CHATTY = ("boto3", "botocore", "urllib3", "s3transfer", "axes", "django_celery_beat")


def logging(level: str, cloudwatch_group: str) -> dict[str, Any]:
    """For `logging.config.dictConfig`."""
    # Standard error: a command's standard output is its result.
    handlers: dict[str, dict[str, Any]] = {
        "console": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["context"]},
        "traces": {"class": "monitoring.traces.log_lines.TraceHandler", "filters": ["context"]},
    }
    if cloudwatch_group:
        handlers["cloudwatch"] = {
            "class": "monitoring.cloudwatch_logs.CloudWatchHandler",
            "log_group_name": cloudwatch_group,
            "formatter": "json",
            "filters": ["context"],
            "level": "INFO",
        }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"context": {"()": "monitoring.context.ContextFilter"}},
        "formatters": {"json": {"()": "monitoring.logs.JsonFormatter"}},
        "handlers": handlers,
        "root": {"handlers": list(handlers), "level": level},
        "loggers": {name: {"level": "WARNING"} for name in CHATTY},
    }
