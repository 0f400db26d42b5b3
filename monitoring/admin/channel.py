"""Channels: whom people's notices go to, how that stands, a test, and a new secret."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from monitoring import audit
from monitoring.channels import again
from monitoring.channels.figures import Standing, standing
from monitoring.channels.form import ChannelForm
from monitoring.channels.save_channel import PERMISSION, renew_secret, save_channel
from monitoring.channels.send_test import send_test
from monitoring.models import Channel
from pages.change_list import BoundedChangeList
from pages.confirm import ReasonForm, confirm_page
from pages.list_cells import badge, linked, moment
from pages.machine_written import found_or_404
from pages.own_pages import OwnPages


@admin.register(Channel)
class ChannelAdmin(OwnPages, ModelAdmin):  # type: ignore[misc]
    form = ChannelForm
    list_display = ("cell_name", "cell_topics", "cell_state", "cell_failed", "cell_last")
    list_display_links = None
    list_per_page = 50
    list_fullwidth = True
    sortable_by = ()
    actions: Any = None
    change_form_outer_before_template = "nightshelf/channels/standing.html"
    nothing = "Without a channel notices are kept in the outbox, and nobody is told. Add the first one."

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedChangeList]:
        return BoundedChangeList

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        found = standing(channel.pk for channel in rows)
        for channel in rows:
            channel.standing = found.get(channel.pk, Standing())

    @admin.display(description="Channel")
    def cell_name(self, channel: Channel) -> SafeString:
        return linked(f"{channel.pk}/change/", channel.name, f"{channel.get_kind_display()}, {channel.shown_as}")

    @admin.display(description="Topics")
    def cell_topics(self, channel: Channel) -> str:
        return ", ".join(channel.topics) or "all"

    @admin.display(description="State")
    def cell_state(self, channel: Channel) -> SafeString:
        return state_badge(channel)

    @admin.display(description="Failed")
    def cell_failed(self, channel: Any) -> SafeString | str:
        failed = channel.standing.failed
        return (
            format_html('<a class="ns-link" href="{}">{}</a>', failed_list(channel), f"{failed:,}") if failed else "–"
        )

    @admin.display(description="Last sent")
    def cell_last(self, channel: Any) -> SafeString:
        return moment(channel.standing.last_sent_at)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Whoever may only look is shown what may be seen of an address, not the address."""
        writes = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return ("name", "kind", "address" if writes else "shown_as", "topics", "enabled")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("kind", "shown_as") if obj else ("shown_as",)

    def save_model(self, request: HttpRequest, obj: Channel, form: Any, change: bool) -> None:
        save_channel(obj, actor=request.user, changed=form.changed_data)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only one that nothing was ever sent by; others are switched off."""
        if obj is not None and obj.deliveries.exists():
            return False
        return bool(super().has_delete_permission(request, obj))

    def delete_model(self, request: HttpRequest, obj: Channel) -> None:
        audit.record(request.user, "delete", "channel", obj.pk, name=obj.name)
        super().delete_model(request, obj)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        channel = self.get_object(request, object_id)
        context = self._shown(request, channel) if channel else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})  # type: ignore[no-any-return]

    def _shown(self, request: HttpRequest, channel: Channel) -> dict[str, Any]:
        return {
            "channel": channel,
            "state": state_badge(channel),
            "standing": standing([channel.pk]).get(channel.pk, Standing()),
            "may_change": request.user.has_perm(PERMISSION),
            "may_retry": request.user.has_perm(again.PERMISSION),
            "failed_list": failed_list(channel),
        }

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/test/", view(self.test), name="monitoring_channel_test"),
            path("<int:pk>/secret/", view(self.secret), name="monitoring_channel_secret"),
            path("<int:pk>/again/", view(self.again), name="monitoring_channel_again"),
            *super().get_urls(),
        ]

    def test(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        notice = send_test(found_or_404(Channel, pk), actor=request.user)
        self.message_user(request, "The test is on its way; reload to see what becomes of it.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:monitoring_notice_change", args=[notice.pk]))

    def secret(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asked first: what the receiver knows now is no good any more. Then shown, this once."""
        channel = found_or_404(Channel, pk)
        audit.permit(request.user, PERMISSION, action="renew secret", subject="channel", subject_id=pk)
        back = reverse("admin:monitoring_channel_change", args=[pk])
        told: dict[str, Any] = {"channel": channel, "back": back, "title": f"Signing secret of {channel}"}
        if request.method == "POST":
            told["secret"] = renew_secret(channel, actor=request.user)
        return self.rendered(request, "nightshelf/channels/secret.html", told)  # the admin's pages are never stored

    def again(self, request: HttpRequest, pk: int) -> HttpResponse:
        channel = found_or_404(Channel, pk)
        audit.permit(request.user, again.PERMISSION, action="retry", subject="channel", subject_id=pk)
        back = reverse("admin:monitoring_channel_change", args=[pk])
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            done = again.try_all_again(channel, actor=request.user, reason=form.cleaned_data["reason"])
            self.message_user(request, f"{done:,} wait to be sent again.", messages.SUCCESS)
            return HttpResponseRedirect(back)
        given_up = standing([pk]).get(pk, Standing()).given_up
        return confirm_page(
            request, self, form, heading=f"Try again what {channel} was not sent", button="Try again", back=back,
            text=f"{min(given_up, again.MOST):,} notices that were given up wait again, each with all its tries. Those"
            " that may have arrived are not among them: decide on each of them.", crumb=channel.name,
        )  # fmt: skip


def state_badge(channel: Channel) -> SafeString:
    if not channel.enabled:
        return badge("muted", "Off")
    return badge("failed", "Failing") if channel.failures else badge("active", "On")


def failed_list(channel: Channel) -> str:
    return f"{reverse('admin:monitoring_delivery_changelist')}?channel={channel.pk}"
