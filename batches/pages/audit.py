"""An entry of the audit log, and where its subject is to be seen."""

from __future__ import annotations

import json
from typing import Any

from django.urls import NoReverseMatch, reverse

from monitoring.history.track import all_tracked
from monitoring.models import AuditEntry


def audit_page(entry: AuditEntry) -> dict[str, Any]:
    details = [(name.replace("_", " "), _written(value)) for name, value in entry.details.items()]
    return {"entry": entry, "details": details, "subject_url": subject_url(entry)}


def subject_url(entry: AuditEntry) -> str:
    """'' where it has no page of its own. The subject may be gone by now: then the page says so."""
    label = next((of.label for of in all_tracked() if of.subject == entry.subject), "")
    try:
        return reverse(f"admin:{label.replace('.', '_')}_change", args=[entry.subject_id])
    except NoReverseMatch:
        return ""


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
