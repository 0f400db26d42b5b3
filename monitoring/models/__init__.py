from monitoring.history import third_party  # noqa: F401 - its proxies are this app's models
from monitoring.history.change import Change
from monitoring.models.alarm_rule import Acknowledgement, AlarmRule, AlarmState, AlarmTransition
from monitoring.models.audit_entry import AuditEntry
from monitoring.models.canary import Canary
from monitoring.models.channel import Channel
from monitoring.models.cloudwatch_call import CloudWatchCall
from monitoring.models.delivery import Delivery
from monitoring.models.evaluator_pass import EvaluatorPass
from monitoring.models.log_line import LogLine
from monitoring.models.metric import DayBucket, HourBucket, MetricDelta, MinuteBucket, Series
from monitoring.models.minute_cursor import MinuteCursor
from monitoring.models.notice import Notice
from monitoring.models.running_total import RunningTotal
from monitoring.models.silence import MaintenanceWindow, Mute
from monitoring.models.span import Span, Trace

__all__ = [
    "Acknowledgement",
    "AlarmRule",
    "AlarmState",
    "AlarmTransition",
    "AuditEntry",
    "Canary",
    "Change",
    "Channel",
    "CloudWatchCall",
    "DayBucket",
    "Delivery",
    "EvaluatorPass",
    "HourBucket",
    "LogLine",
    "MaintenanceWindow",
    "MetricDelta",
    "MinuteBucket",
    "MinuteCursor",
    "Mute",
    "Notice",
    "RunningTotal",
    "Series",
    "Span",
    "Trace",
]
