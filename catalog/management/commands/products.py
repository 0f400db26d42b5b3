"""`manage.py products import|export`: what the pages of imports and exports do, from the command line."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from catalog.management.transfers import export_file, import_file
from catalog.management.transfers.shared import COULD_NOT_RUN, DONE, REFUSED, CannotRun, Told
from catalog.products.which import BadFilter
from catalog.transfers.refused import BadFile, Refused
from storage.port import StorageFault

SUBCOMMANDS = {"import": import_file, "export": export_file}


class Command(BaseCommand):
    help = (
        "Bring products in from a file, or take them out into one. Exit codes: 0 done, 1 rows were refused, 2 could not"
        " run, 3 not permitted. Both are listed under Imports and exports in the admin."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        each = parser.add_subparsers(dest="subcommand", required=True, metavar="SUBCOMMAND")
        for name, module in SUBCOMMANDS.items():
            own = each.add_parser(name, help=module.HELP, description=module.HELP)
            module.add_arguments(own)
            own.add_argument("--json", action="store_true", dest="as_json", help="one JSON object on one line")

    def handle(self, *, subcommand: str, as_json: bool, **options: Any) -> None:
        try:
            done: Told = SUBCOMMANDS[subcommand].run(options)
        except (CannotRun, Refused, BadFile, BadFilter, StorageFault) as fault:
            raise CommandError(str(fault), returncode=COULD_NOT_RUN) from None
        except PermissionDenied as fault:
            raise CommandError(f"Refused, and recorded. {fault}", returncode=REFUSED) from None
        except DatabaseError as fault:
            raise CommandError(f"The database could not be asked: {fault}", returncode=COULD_NOT_RUN) from None
        self.stdout.write(json.dumps(done.data, ensure_ascii=False) if as_json else done.text)
        if done.code != DONE:
            raise SystemExit(done.code)
