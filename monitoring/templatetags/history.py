"""The way from an object's page to its history."""

from __future__ import annotations

from django import template
from django.contrib.admin.utils import quote
from django.db.models import Model
from django.urls import NoReverseMatch, reverse

from monitoring.history.track import found, label_of

register = template.Library()


@register.simple_tag
def history_url(row: object) -> str:
    """'' for what is not tracked."""
    if not isinstance(row, Model) or (of := found(label_of(type(row)))) is None:
        return ""
    app_label, _, model_name = of.label.partition(".")
    try:
        return reverse(f"admin:{app_label}_{model_name}_history", args=[quote(row.pk)])
    except NoReverseMatch:
        return ""
