"""An entry of the audit log, and where its subject is to be seen."""

from __future__ import annotations

import json
from typing import Any

from batches.pages import links
from monitoring.models import AuditEntry

PAGES = {"letter": "deadletter", "group": "lettergroup", "redrive": "redrive", "transaction": "transaction"}


def audit_page(entry: AuditEntry) -> dict[str, Any]:
    details = [(name.replace("_", " "), _written(value)) for name, value in entry.details.items()]
    return {"entry": entry, "details": details, "subject_url": subject_url(entry)}


def subject_url(entry: AuditEntry) -> str:
    """'' where it has no page of its own. The subject may be gone by now: then the page says so."""
    model = PAGES.get(entry.subject)
    return links.page(model, entry.subject_id) if model and entry.subject_id else ""


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
