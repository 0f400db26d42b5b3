from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks
from django.db.backends.signals import connection_created

from config import connections


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Nightshelf"

    def ready(self) -> None:
        connection_created.connect(connections.begin, dispatch_uid="config.connections")


class PagesConfig(SimpleAdminConfig):
    """The admin, whose pages are found by whoever needs them: config/urls.py, and the checks of them."""

    def ready(self) -> None:
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(_check_pages, checks.Tags.admin)


def _check_pages(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    # Checks run in no order, and those of the addresses may come later: pages that are not found are not checked.
    admin.autodiscover()
    return check_admin_app(app_configs, **options)
