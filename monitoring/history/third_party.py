"""Tables of other packages that are tracked: people, what they may do, and schedules. By proxies, so that their
triggers stand in our migrations and not in theirs. A password is never written down, nor when somebody signed in.
"""

from __future__ import annotations

from django.contrib.auth.models import Group, User
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from monitoring.history.track import tracked


@tracked(name=("username",), exclude=("password", "last_login"), called="user", subject="user")
class TrackedUser(User):
    class Meta:
        proxy = True
        default_permissions = ()


@tracked(name=("name",), called="group of users")
class TrackedGroup(Group):
    class Meta:
        proxy = True
        default_permissions = ()


@tracked(belongs_to="user", called="membership")
class TrackedMembership(User.groups.through):  # type: ignore[misc, name-defined]
    class Meta:
        proxy = True
        default_permissions = ()


@tracked(belongs_to="user", called="permission of one's own")
class TrackedUserPermission(User.user_permissions.through):  # type: ignore[misc, name-defined]
    class Meta:
        proxy = True
        default_permissions = ()


@tracked(belongs_to="group", called="permission")
class TrackedGroupPermission(Group.permissions.through):  # type: ignore[misc, name-defined]
    class Meta:
        proxy = True
        default_permissions = ()


# The scheduler counts its runs in the row.
@tracked(name=("name",), exclude=("last_run_at", "total_run_count", "date_changed"))
class TrackedTask(PeriodicTask):  # type: ignore[misc]
    class Meta:
        proxy = True
        default_permissions = ()


@tracked(name=("minute", "hour", "day_of_month", "month_of_year", "day_of_week"))
class TrackedCrontab(CrontabSchedule):  # type: ignore[misc]
    class Meta:
        proxy = True
        default_permissions = ()


@tracked(name=("every", "period"))
class TrackedInterval(IntervalSchedule):  # type: ignore[misc]
    class Meta:
        proxy = True
        default_permissions = ()
