"""Deliveries that failed, over all notices; one of them is shown on its notice's page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesRadioFilter, RadioFilter

from monitoring import audit
from monitoring.channels.again import FAILED, PERMISSION, leave, try_again
from monitoring.models import Channel, Delivery
from pages.confirm import ReasonForm, confirm_page
from pages.filters import DayRangeFilter
from pages.list_cells import badge, linked, moment, stacked
from pages.machine_written import MachineWritten
from pages.moments import MomentsFilter

VERBS = {"retry": try_again, "leave": leave}
DONE = {"retry": "It waits to be sent again.", "leave": "It is left as it is."}
BUTTONS = {"retry": "Try again", "leave": "Leave it"}


class StateFilter(RadioFilter):  # type: ignore[misc]
    """What needs a person, unless something else is asked for."""

    title, parameter_name = "state", "state"
    WHICH = {"unsure": ("unsure",), "waiting": ("waiting", "sending"), "sent": ("sent",), "left": ("dropped",)}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name.capitalize()) for name in self.WHICH] + [("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(status__in=self.WHICH.get(self.value() or "", FAILED))


class ChannelFilter(RadioFilter):  # type: ignore[misc]
    title, parameter_name = "channel", "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), name) for pk, name in Channel.objects.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        return queryset.filter(channel=value) if value.isdecimal() and len(value) < 19 else queryset


class TriedFilter(MomentsFilter):
    title, parameter_name, column = "moments of tries", "tried", "tried_at"


@admin.register(Delivery)
class DeliveryAdmin(MachineWritten):
    list_display = ("cell_notice", "cell_channel", "cell_status", "cell_error", "cell_tried")
    list_display_links = None
    list_filter = (
        StateFilter, ChannelFilter, ("channel__kind", ChoicesRadioFilter), ("created_at", DayRangeFilter), TriedFilter,
    )  # fmt: skip
    list_select_related = ("notice", "channel")
    nothing = "What a channel has not taken, or may not have, is listed here until somebody decides."

    @admin.display(description="Notice")
    def cell_notice(self, delivery: Delivery) -> SafeString:
        return linked(notice_page(delivery), delivery.notice.subject, delivery.notice.topic)

    @admin.display(description="Channel")
    def cell_channel(self, delivery: Delivery) -> SafeString:
        return stacked(delivery.channel.name, delivery.channel.get_kind_display())

    @admin.display(description="Status")
    def cell_status(self, delivery: Delivery) -> SafeString:
        return badge(delivery.status, delivery.get_status_display())

    @admin.display(description="Why")
    def cell_error(self, delivery: Delivery) -> SafeString:
        tries = f"{delivery.attempts:,} {'try' if delivery.attempts == 1 else 'tries'}"
        return stacked(delivery.last_error[:200], tries, wrap=True)

    @admin.display(description="Last tried")
    def cell_tried(self, delivery: Delivery) -> SafeString:
        return moment(delivery.tried_at)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **more: Any) -> HttpResponse:
        return HttpResponseRedirect(notice_page(self.found(request, object_id)))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = Delivery.objects.select_related("notice", "channel")
        return found.filter(pk=object_id).first() if object_id.isdecimal() and len(object_id) < 19 else None

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            *[
                path(f"<path:object_id>/{verb}/", view(self.decide), {"verb": verb}, name=f"monitoring_delivery_{verb}")
                for verb in VERBS
            ],
            *super().get_urls(),
        ]

    def decide(self, request: HttpRequest, object_id: str, verb: str) -> HttpResponse:
        delivery = self.found(request, object_id)
        audit.permit(request.user, PERMISSION, action=verb, subject="delivery", subject_id=delivery.pk)
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            done = VERBS[verb](delivery, actor=request.user, reason=form.cleaned_data["reason"])
            said = DONE[verb] if done else "Nothing changed: it is not failed any more."
            self.message_user(request, said, messages.SUCCESS if done else messages.INFO)
            return HttpResponseRedirect(notice_page(delivery))
        return confirm_page(
            request, self, form, heading=f"{BUTTONS[verb]}: {delivery}", text=_consequence(delivery, verb),
            button=BUTTONS[verb], back=notice_page(delivery), crumb=delivery.notice.subject,
        )  # fmt: skip


def notice_page(delivery: Delivery) -> str:
    return reverse("admin:monitoring_notice_change", args=[delivery.notice_id])


def _consequence(delivery: Delivery, verb: str) -> str:
    if verb == "leave":
        return "It is not sent any more, and no longer counts as failed."
    if delivery.status == "unsure":
        return (
            "It may have arrived: whoever reads the channel may be told twice. Its key is the same as the first time."
        )
    return "It is sent again at once, and tried as often as a new one."
