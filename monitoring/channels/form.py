"""The form of a channel. An address that is a secret is written, and never shown again."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from monitoring.channels.email import recipients
from monitoring.channels.kinds import KINDS
from monitoring.channels.topics import known_topics
from monitoring.models import Channel

MOST_TOPICS = 40


class ChannelForm(forms.ModelForm):  # type: ignore[type-arg]
    address = forms.CharField(
        required=False,
        max_length=4000,
        widget=UnfoldAdminTextareaWidget({"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )
    topics = forms.CharField(required=False, widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}))

    class Meta:
        model = Channel
        fields = ("name", "kind", "address", "topics", "enabled")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = bool(self.instance.pk and KINDS[self.instance.kind].secret)
        self.initial["topics"] = ", ".join(self.instance.topics)
        if kept:
            self.initial["address"] = ""
        if "address" in self.fields:
            self.fields["address"].help_text = (
                f"Kept: {self.instance.shown_as}. Write a new one to replace it; it is not shown again."
                if kept
                else "E-mail: recipients, one on a line. Slack and webhook: https://… Amazon SNS: the topic's ARN."
            )
        if "topics" in self.fields:
            self.fields["topics"].help_text = f"Comma-separated; empty means all. Written so far: {_written()}."

    def clean_topics(self) -> list[str]:
        topics = list(dict.fromkeys(one.strip() for one in self.cleaned_data["topics"].split(",") if one.strip()))
        if too_long := [topic for topic in topics if len(topic) > MOST_TOPICS]:
            raise forms.ValidationError(f"“{too_long[0]}” is longer than a topic can be ({MOST_TOPICS} characters).")
        return topics

    def clean(self) -> dict[str, Any]:
        cleaned = {**(super().clean() or {})}
        kind = self.instance.kind if self.instance.pk else cleaned.get("kind")
        address = (cleaned.get("address") or "").strip()
        if kind in KINDS and "address" not in self.errors:
            cleaned["address"] = self._checked(str(kind), address)
        return cleaned

    def _checked(self, kind: str, address: str) -> str:
        if not recipients(address):
            if self.instance.pk:
                return str(Channel.objects.values_list("address", flat=True).get(pk=self.instance.pk))
            self.add_error("address", "Say where it is to go.")
            return ""
        try:
            KINDS[kind].check(address)
        except forms.ValidationError as fault:
            self.add_error("address", fault)
        return address


def _written() -> str:
    return ", ".join(known_topics()) or "none yet"
