"""What somebody may do to letters: the pages show no button that would be refused."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from batches.letters import discard, start_redrive, write_rule


def permitted(request: HttpRequest) -> dict[str, bool]:
    user: Any = request.user
    return {
        "redrive": user.has_perm(start_redrive.PERMISSION),
        "edit": user.has_perm(write_rule.PERMISSION),
        "discard": user.has_perm(discard.PERMISSION),
        "audit": user.has_perm("monitoring.view_auditentry"),
    }
