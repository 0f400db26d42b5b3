"""The outbox: what people are told, and whether a channel has taken it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RadioFilter

from monitoring.channels.again import FAILED, PERMISSION
from monitoring.models import Notice
from pages.filters import DayRangeFilter, TextFilter
from pages.list_cells import badge, linked, moment
from pages.machine_written import MachineWritten


class TopicFilter(TextFilter):
    title, parameter_name, hint = "topic", "topic", "for example low stock"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(topic=value)


class StateFilter(RadioFilter):  # type: ignore[misc]
    title, parameter_name = "state", "state"
    WHICH = {"waiting": ("new", "waiting"), "sent": ("sent",), "failed": ("failed",), "kept": ("kept",)}
    NAMES = {"waiting": "Waiting", "sent": "Sent", "failed": "Not sent to all", "kept": "No channel"}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(self.NAMES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = self.WHICH.get(self.value() or "")
        return queryset.filter(state__in=wanted) if wanted else queryset


@admin.register(Notice)
class NoticeAdmin(MachineWritten):
    list_display = ("cell_subject", "cell_topic", "cell_created", "cell_sent")
    list_display_links = None
    list_filter = (StateFilter, TopicFilter, ("created_at", DayRangeFilter))
    page_template = "nightshelf/notices/page.html"
    nothing = "What people are to be told is written here once, and sent to the channels that take it."

    @admin.display(description="Notice")
    def cell_subject(self, notice: Notice) -> SafeString:
        return linked(f"{notice.pk}/change/", notice.subject, notice.body.partition("\n")[0][:160])

    @admin.display(description="Topic")
    def cell_topic(self, notice: Notice) -> str:
        return notice.topic

    @admin.display(description="Written")
    def cell_created(self, notice: Notice) -> SafeString:
        return moment(notice.created_at)

    @admin.display(description="Sent")
    def cell_sent(self, notice: Notice) -> SafeString:
        return moment(notice.sent_at) if notice.sent_at else badge(notice.state, notice.get_state_display())

    def page(self, request: HttpRequest, row: Notice) -> dict[str, Any]:
        may = request.user.has_perm
        return {
            "title": row.subject,
            "notice": row,
            "deliveries": list(row.deliveries.select_related("channel").order_by("channel__name")),
            "failed_statuses": FAILED,
            "may_retry": may(PERMISSION),
            "may_see_channels": may("monitoring.view_channel"),
            "may_add_channel": may("monitoring.add_channel"),
        }
