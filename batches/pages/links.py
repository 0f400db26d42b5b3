"""Addresses of the admin's lists, with the filter that shows the rows behind a figure."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse


def transactions(**filters: object) -> str:
    return _list("transaction", filters)


def letters(**filters: object) -> str:
    return _list("deadletter", filters)


def jobs(**filters: object) -> str:
    return _list("job", filters)


def images(**filters: object) -> str:
    return _list("imageupload", filters)


def page(model: str, pk: object) -> str:
    return reverse(f"admin:batches_{model}_change", args=[pk])


def _list(model: str, filters: dict[str, object]) -> str:
    address = reverse(f"admin:batches_{model}_changelist")
    return f"{address}?{urlencode(filters)}" if filters else address
