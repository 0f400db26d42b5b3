"""A rule's settings, in words; and what they would have done over the last 24 hours, before anybody keeps them."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from monitoring.alarms.check import faults
from monitoring.metrics.names import METRICS, Sort
from monitoring.models import AlarmRule
from pages.confirm import reason_field

FIELDS = (
    "name", "description", "severity", "metric", "labels", "statistic", "expression", "other_metric", "other_labels",
    "unit", "comparison", "threshold", "period", "datapoints_to_alarm", "evaluation_periods", "missing_data",
    "low_samples",
)  # fmt: skip
GROUPS = (
    ("What it is", ("name", "severity", "description")),
    ("What is watched", ("metric", "labels", "statistic", "expression", "other_metric", "other_labels", "unit")),
    ("When it is an alarm", ("comparison", "threshold", "period", "datapoints_to_alarm", "evaluation_periods",
                             "missing_data", "low_samples")),
)  # fmt: skip
HEADINGS = {Sort.HAPPENINGS: "Counted", Sort.TIMES: "Times", Sort.LEVELS: "Levels, looked at each minute"}
ONE_LABEL = re.compile(r"\s*([a-z_]+)\s*=\s*(.+?)\s*$")


class LabelsField(forms.CharField):
    """`queue=nightshelf, broker=redis` for {"queue": "nightshelf", "broker": "redis"}."""

    def __init__(self, label: str) -> None:
        super().__init__(
            label=label, required=False, max_length=300,
            help_text="Which series of it: queue=nightshelf, broker=redis. Empty: all of them together.",
            widget=UnfoldAdminTextInputWidget({"autocomplete": "off", "spellcheck": "false"}),
        )  # fmt: skip

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(f"{name}={said}" for name, said in value.items()) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> Any:
        parts = [part for part in str(super().to_python(value) or "").split(",") if part.strip()]
        found = [ONE_LABEL.match(part) for part in parts]
        if not all(found):
            raise forms.ValidationError("Write labels as name=value, with commas between them.")
        return {match[1]: match[2] for match in found if match}


class AlarmRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    labels = LabelsField("Labels of a")
    other_labels = LabelsField("Labels of b")
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput())
    reason = reason_field()

    class Meta:
        model = AlarmRule
        fields = FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = self.instance.version
        for name, field in self.fields.items():
            if name not in ("labels", "other_labels", "seen", "reason"):
                field.widget = _widget(name, field)
        self.fields["metric"].widget.choices = _metrics()
        self.fields["other_metric"].widget.choices = [("", "None"), *_metrics()]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            for field, sentence in faults(self.as_rule()).items():
                self.add_error(field, sentence)
        return data

    def as_rule(self) -> AlarmRule:
        """What the form says, kept nowhere."""
        return AlarmRule(**self.values())

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FIELDS}

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(heading, [self[name] for name in names]) for heading, names in GROUPS]

    def worded(self) -> bool:
        """Whether everything but the reason is said: enough for a preview."""
        return not set(self.errors) - {"reason"}


def _metrics() -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (heading, [(m.name, f"{m.name}: {m.help}"[:110]) for m in METRICS.values() if m.sort == sort])
        for sort, heading in HEADINGS.items()
    ]


def _widget(name: str, field: Any) -> Any:
    if name == "description":
        return UnfoldAdminTextareaWidget({"rows": 3})
    if name in ("metric", "other_metric"):
        return UnfoldAdminSelectWidget()
    if name == "threshold":
        return UnfoldAdminDecimalFieldWidget({"step": "any", "inputmode": "decimal"})
    if name in ("datapoints_to_alarm", "evaluation_periods"):
        return UnfoldAdminIntegerFieldWidget({"min": 1})
    if getattr(field, "choices", None):
        return UnfoldAdminSelectWidget(choices=field.choices)
    return UnfoldAdminTextInputWidget({"autocomplete": "off", "spellcheck": "false"})
