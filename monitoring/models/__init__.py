from monitoring.history import third_party  # noqa: F401 - its proxies are this app's models
from monitoring.history.change import Change
from monitoring.models.audit_entry import AuditEntry
from monitoring.models.canary import Canary
from monitoring.models.log_line import LogLine
from monitoring.models.metric import DayBucket, HourBucket, MetricDelta, MinuteBucket, Series
from monitoring.models.notice import Notice
from monitoring.models.span import Span, Trace

__all__ = [
    "AuditEntry",
    "Canary",
    "Change",
    "DayBucket",
    "HourBucket",
    "LogLine",
    "MetricDelta",
    "MinuteBucket",
    "Notice",
    "Series",
    "Span",
    "Trace",
]
