"""`manage.py deadletters list|show|groups|…`: what the pages of the dead letters do, from the command line."""

from __future__ import annotations

import json
import pkgutil
from argparse import ArgumentParser
from importlib import import_module
from types import ModuleType
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from batches.letters.filters import BadFilter
from batches.letters.patch import BadRule
from batches.letters.refused import Refused
from batches.management import deadletters
from batches.management.database_away import told
from batches.management.deadletters.shared import COULD_NOT_RUN, DONE, REFUSED, CannotRun, Told
from pages.reason import NoReason
from storage.port import StorageFault


def subcommands() -> dict[str, ModuleType]:
    """By name: every module of the package that has a `run`."""
    names = sorted(found.name for found in pkgutil.iter_modules(deadletters.__path__))
    modules = {name: import_module(f"{deadletters.__name__}.{name}") for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "run")}


class Command(BaseCommand):
    help = (
        "Look at dead letters and their groups, and do something about them. Exit codes: 0 done, 1 nothing was like"
        " that, 2 could not run, 3 refused. What changes something needs --as USER, and is in the audit log."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        each = parser.add_subparsers(dest="subcommand", required=True, metavar="SUBCOMMAND")
        for name, module in subcommands().items():
            own = each.add_parser(name, help=module.HELP, description=module.HELP)
            module.add_arguments(own)
            own.add_argument("--json", action="store_true", dest="as_json", help="one JSON object on one line")

    def handle(self, *, subcommand: str, as_json: bool, **options: Any) -> None:
        try:
            done: Told = subcommands()[subcommand].run({**options, "as_json": as_json})
        except (CannotRun, Refused, BadFilter, BadRule, NoReason, StorageFault) as fault:
            raise CommandError(str(fault), returncode=COULD_NOT_RUN) from None
        except PermissionDenied as fault:
            raise CommandError(f"Refused, and recorded. {fault}", returncode=REFUSED) from None
        except DatabaseError as fault:
            raise CommandError(told(fault), returncode=COULD_NOT_RUN) from None
        self.stdout.write(json.dumps(done.data, ensure_ascii=False) if as_json else done.text)
        if done.code != DONE:
            raise SystemExit(done.code)
