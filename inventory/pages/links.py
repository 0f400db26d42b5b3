"""Addresses of pages that stock is shown on; '' where there is no such page for an app that has none."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse


def page(model: str, pk: object, app: str = "inventory") -> str:
    return _address(f"admin:{app}_{model}_change", pk) if pk else ""


def product(pk: object) -> str:
    return page("product", pk, "catalog")


def _address(name: str, *args: object) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
