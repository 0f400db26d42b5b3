"""How the admin looks: name, colours, navigation, and the label that tells an embedded installation from a real one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy

# sha256 of the inline <style> elements the admin theme emits (its colours, htmx's indicator). They change with the
# colours below and the theme's version; tests/integration/test_security.py recomputes them from a rendered page.
STYLE_HASHES: list[str] = [
    "'sha256-T+5bKYD6V/GIdtPnDKDIbmWtnD/qoGJlX3WcLXVQaBU='",
    "'sha256-bsV5JivYxvGywDAZ22EZJKBFip65Ng9xoJVLbBg7bdo='",
]


AUDIT_LISTS = ("admin:monitoring_auditentry_changelist", "admin:monitoring_change_changelist")


def environment_label(request: HttpRequest) -> list[str] | None:
    """The badge beside the title: an embedded database or broker must never be taken for a production one."""
    from django.conf import settings

    parts = [
        name
        for name, embedded in (("database", settings.EMBEDDED_DATABASE), ("broker", settings.EMBEDDED_BROKER))
        if embedded
    ]
    if parts:
        return [f"Embedded {' and '.join(parts)}", "warning"]
    return None if settings.PRODUCTION else ["Local", "info"]


def _lists_result_files(request: HttpRequest) -> bool:
    """The theme goes by the address, and the upload's begins with the list's."""
    return "/batches/resultfile/" in request.path and not request.path.endswith("/upload/")


def _lists(part: str, but: str) -> Callable[[HttpRequest], bool]:
    return lambda request: part in request.path and not request.path.endswith(but)


def _shows_movements(request: HttpRequest) -> bool:
    """The movements, and the postings they are lines of; receiving and transferring have items of their own."""
    if "/inventory/stockmovement/" in request.path:
        return True
    return "/inventory/stockposting/" in request.path and not request.path.endswith(("/receive/", "/transfer/"))


def _shows_figures(request: HttpRequest) -> bool:
    """The theme goes by the address, and all pages of this section begin with it."""
    overview = reverse("monitoring:overview")
    return request.path == overview or request.path.startswith((f"{overview}components/", f"{overview}metrics/"))


def _audits(request: HttpRequest) -> bool:
    return request.path.startswith(tuple(map(reverse, AUDIT_LISTS)))


def _item(title: str, icon: str, view: str, permission: str, **more: Any) -> dict[str, Any]:
    return {
        **more,
        "title": title,
        "icon": icon,
        "link": reverse_lazy(view),
        "permission": lambda request: request.user.has_perm(permission),
    }


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Nightshelf",
    "SITE_HEADER": "Nightshelf",
    "SITE_SUBHEADER": "Overnight batches, exactly once",
    "SITE_SYMBOL": "bedtime",
    "SITE_URL": None,  # there is no other site to return to
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("nightshelf/favicon.svg")}
    ],
    "ENVIRONMENT": "config.theme.environment_label",
    "DASHBOARD_CALLBACK": "batches.pages.home.dashboard",
    "STYLES": [
        lambda request: static("nightshelf/nightshelf.css"),
        lambda request: static("nightshelf/stock.css"),
        lambda request: static("nightshelf/alarms.css"),
        lambda request: static("nightshelf/traces.css"),
        lambda request: static("nightshelf/monitoring.css"),
    ],
    "SCRIPTS": [
        lambda request: static("nightshelf/nightshelf.js"),
        lambda request: static("nightshelf/stock.js"),
        lambda request: static("nightshelf/charts.js"),
        lambda request: static("nightshelf/live.js"),
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "COLORS": {
        "primary": {
            "50": "oklch(97.3% .012 268)",
            "100": "oklch(94% .03 268)",
            "200": "oklch(88.5% .06 268)",
            "300": "oklch(80.5% .1 268)",
            "400": "oklch(70.5% .15 268)",
            "500": "oklch(60.5% .19 268)",
            "600": "oklch(52.5% .2 268)",
            "700": "oklch(46% .18 268)",
            "800": "oklch(39.5% .15 268)",
            "900": "oklch(34% .12 268)",
            "950": "oklch(25% .09 268)",
        },
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "title": "Overnight batches",
                "items": [
                    _item("Jobs", "bedtime", "admin:batches_job_changelist", "batches.view_job"),
                    _item(
                        "Transactions",
                        "receipt_long",
                        "admin:batches_transaction_changelist",
                        "batches.view_transaction",
                    ),
                    _item(
                        "Proposals",
                        "rate_review",
                        "admin:batches_productproposal_changelist",
                        "batches.view_productproposal",
                    ),
                    _item(
                        "Counted stock",
                        "inventory",
                        "admin:batches_countedstock_changelist",
                        "batches.view_countedstock",
                    ),
                    _item(
                        "Problems",
                        "crisis_alert",
                        "admin:batches_lettergroup_changelist",
                        "batches.view_lettergroup",
                    ),
                    _item(
                        "Dead letters",
                        "mark_email_unread",
                        "admin:batches_deadletter_changelist",
                        "batches.view_deadletter",
                    ),
                    _item("Redrives", "replay", "admin:batches_redrive_changelist", "batches.view_redrive"),
                    _item(
                        "Upload a result file",
                        "upload_file",
                        "admin:batches_upload",
                        "batches.add_resultfile",
                    ),
                ],
            },
            {
                "title": "Catalogue",
                "items": [
                    _item("Products", "sell", "admin:catalog_product_changelist", "catalog.view_product"),
                    _item("Categories", "account_tree", "admin:catalog_category_changelist", "catalog.view_category"),
                    _item("Bulk edits", "checklist", "admin:catalog_bulkedit_changelist", "catalog.view_product"),
                    _item(
                        "Imports and exports",
                        "swap_vert",
                        "admin:catalog_transfer_changelist",
                        "catalog.view_product",
                    ),
                ],
            },
            {
                "title": "Stock",
                "items": [
                    _item(
                        "Levels",
                        "inventory_2",
                        "admin:inventory_stocklevel_changelist",
                        "inventory.view_stocklevel",
                        active=_lists("/inventory/stocklevel/", but="/adjust/"),
                    ),
                    _item("Receive", "input", "admin:inventory_receive", "inventory.receive_stock"),
                    _item("Transfer", "swap_horiz", "admin:inventory_transfer", "inventory.transfer_stock"),
                    _item("Adjust", "tune", "admin:inventory_adjust", "inventory.adjust_stock"),
                    _item(
                        "Stocktakes",
                        "fact_check",
                        "admin:inventory_stocktake_changelist",
                        "inventory.view_stocktake",
                    ),
                    _item(
                        "Movements",
                        "list_alt",
                        "admin:inventory_stockmovement_changelist",
                        "inventory.view_stockmovement",
                        active=_shows_movements,
                    ),
                    _item(
                        "Low stock",
                        "production_quantity_limits",
                        "admin:inventory_lowstock_changelist",
                        "inventory.view_lowstock",
                    ),
                    _item("Locations", "shelves", "admin:inventory_location_changelist", "inventory.view_location"),
                    _item(
                        "Reconciliations",
                        "balance",
                        "admin:inventory_reconciliation_changelist",
                        "inventory.view_reconciliation",
                    ),
                ],
            },
            {
                "title": "Monitoring",
                "items": [
                    _item(
                        "Components",
                        "monitoring",
                        "monitoring:overview",
                        "monitoring.view_series",
                        active=_shows_figures,
                    ),
                    _item(
                        "Alarms",
                        "notifications_active",
                        "admin:monitoring_alarmrule_changelist",
                        "monitoring.view_alarmrule",
                    ),
                    _item(
                        "Maintenance",
                        "engineering",
                        "admin:monitoring_maintenancewindow_changelist",
                        "monitoring.view_maintenancewindow",
                    ),
                    _item("Traces", "timeline", "monitoring:traces", "monitoring.view_trace"),
                    _item("Service map", "hub", "monitoring:map", "monitoring.view_trace"),
                ],
            },
            {
                "title": "Behind the scenes",
                "collapsible": True,
                "items": [
                    _item("Outbox", "outbox", "admin:monitoring_notice_changelist", "monitoring.view_notice"),
                    _item("Channels", "campaign", "admin:monitoring_channel_changelist", "monitoring.view_channel"),
                    _item(
                        "Result files",
                        "description",
                        "admin:batches_resultfile_changelist",
                        "batches.view_resultfile",
                        active=_lists_result_files,
                    ),
                    _item(
                        "Receipt images",
                        "image",
                        "admin:batches_imageupload_changelist",
                        "batches.view_imageupload",
                    ),
                    _item(
                        "Schedules",
                        "schedule",
                        "admin:django_celery_beat_periodictask_changelist",
                        "django_celery_beat.view_periodictask",
                    ),
                    _item(
                        "Audit log",
                        "policy",
                        "admin:monitoring_auditentry_changelist",
                        "monitoring.view_auditentry",
                        active=_audits,
                    ),
                    _item("Users", "person", "admin:auth_user_changelist", "auth.view_user"),
                    _item("Groups", "group", "admin:auth_group_changelist", "auth.view_group"),
                ],
            },
        ],
    },
}
