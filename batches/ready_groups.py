"""The ready groups of the admin: Viewer, Operator, Administrator. Made once; what a person changes in them stays.

A group that was deleted or renamed comes back at the next `migrate`, without members, and so gives nobody anything.
"""

from __future__ import annotations

from typing import Any

VIEWER = (
    *(f"batches.view_{model}" for model in (
        "job", "resultfile", "transaction", "deadletter", "lettergroup", "imageupload", "redrive", "patchrule",
        "productproposal", "acceptance", "countedstock",
    )),
    *(f"inventory.view_{model}" for model in (
        "location", "stocklevel", "stockmovement", "stockposting", "stocktake", "lowstock", "reconciliation",
    )),
    "catalog.view_product", "catalog.view_category", "monitoring.view_notice",
    "monitoring.view_alarmrule", "monitoring.view_maintenancewindow", "monitoring.view_trace", "monitoring.view_series",
)  # fmt: skip
OPERATOR = (
    *VIEWER, "batches.redrive_deadletter", "batches.edit_deadletter", "batches.change_transaction",
    "batches.decide_productproposal", "batches.change_countedstock",
    "catalog.add_product", "catalog.change_product", "catalog.add_category", "catalog.change_category",
    *(f"inventory.{verb}_stock" for verb in ("receive", "adjust", "transfer", "ship", "count", "reverse")),
    "inventory.add_reconciliation", "inventory.add_stocktake", "inventory.change_stocktake",
    "monitoring.acknowledge_alarm", "monitoring.mute_alarm", "monitoring.test_alarm",
    "monitoring.view_channel", "monitoring.view_delivery", "monitoring.retry_delivery",
)  # fmt: skip
ADMINISTRATOR = (
    *OPERATOR, "inventory.change_stocklevel", "inventory.add_location", "inventory.change_location",
    "batches.discard_deadletter", "monitoring.view_auditentry", "auth.view_user", "auth.add_user",
    "auth.change_user", "auth.view_group", "catalog.delete_product", "catalog.delete_category",
    "monitoring.add_alarmrule", "monitoring.change_alarmrule", "monitoring.add_channel", "monitoring.change_channel",
    *(f"monitoring.{verb}_maintenancewindow" for verb in ("add", "change", "delete")),
)  # fmt: skip
GROUPS = {"Viewer": VIEWER, "Operator": OPERATOR, "Administrator": ADMINISTRATOR}


def make_ready_groups(using: str = "default", **_: Any) -> None:
    """Receiver of post_migrate, called after the permissions themselves were made."""
    from django.contrib.auth.models import Group

    for name, permissions in GROUPS.items():
        group, created = Group.objects.using(using).get_or_create(name=name)
        if created:
            group.permissions.set(_found(permissions, using))


def _found(names: tuple[str, ...], using: str) -> list[Any]:
    from django.contrib.auth.models import Permission

    wanted = {tuple(name.split(".", 1)) for name in names}
    codenames = [codename for _, codename in wanted]
    found = Permission.objects.using(using).filter(codename__in=codenames).select_related("content_type")
    return [permission for permission in found if (permission.content_type.app_label, permission.codename) in wanted]
