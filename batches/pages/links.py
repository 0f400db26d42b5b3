"""Addresses of the admin's lists, with the filter that shows the rows behind a figure."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from batches.kinds.kind import Kind


def rows(kind: Kind, **filters: object) -> str:
    """What the lines of a kind became."""
    return _list(str(kind.model._meta.model_name), filters)


def row(kind: Kind, pk: object) -> str:
    return page(str(kind.model._meta.model_name), pk)


def proposals(**filters: object) -> str:
    return _list("productproposal", filters)


def counts(**filters: object) -> str:
    return _list("countedstock", filters)


def acceptances(**filters: object) -> str:
    return _list("acceptance", filters)


def accept_many(**choices: object) -> str:
    address = reverse("admin:batches_productproposal_accept_many")
    return f"{address}?{urlencode(choices, doseq=True)}" if choices else address


def elsewhere(view: str, pk: object) -> str:
    """A page of another app; '' where there is none."""
    try:
        return reverse(f"admin:{view}_change", args=[pk])
    except NoReverseMatch:
        return ""


def letters(**filters: object) -> str:
    return _list("deadletter", filters)


def redrives(**filters: object) -> str:
    return _list("redrive", filters)


def jobs(**filters: object) -> str:
    return _list("job", filters)


def images(**filters: object) -> str:
    return _list("imageupload", filters)


def page(model: str, pk: object) -> str:
    return reverse(f"admin:batches_{model}_change", args=[pk])


def _list(model: str, filters: dict[str, object]) -> str:
    address = reverse(f"admin:batches_{model}_changelist")
    return f"{address}?{urlencode(filters)}" if filters else address
