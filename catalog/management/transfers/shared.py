"""What the subcommands share: who does it, what they say, and the work itself."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any, NamedTuple

from django.contrib.auth.models import User

from catalog.models import Transfer
from catalog.transfers.judge import OUTCOMES
from catalog.transfers.lease import AT_WORK, claim_transfer
from catalog.transfers.work import work_on

DONE, NOT_ALL, COULD_NOT_RUN, REFUSED = 0, 1, 2, 3
PAUSE = 0.5  # seconds


class CannotRun(Exception):
    """In a sentence: why, and what to do."""


class Told(NamedTuple):
    """`text` for people, `data` for --json, and the exit code."""

    text: str
    data: dict[str, Any]
    code: int = DONE


def add_who(parser: ArgumentParser) -> None:
    parser.add_argument("--as", dest="username", required=True, metavar="USER", help="whose permissions and name it is")


def person_of(options: dict[str, Any]) -> User:
    user = User.objects.filter(username=options["username"], is_active=True).first()
    if user is None:
        raise CannotRun(f"There is no active user {options['username']!r}: name one with --as.")
    return user


def worked(transfer_id: int) -> Transfer:
    """The transfer when nobody works on it any more: by this process, or by a worker that was quicker."""
    while True:
        if claim := claim_transfer(transfer_id):
            work_on(claim)
        transfer = Transfer.objects.get(pk=transfer_id)
        if transfer.status not in AT_WORK:
            return transfer
        time.sleep(PAUSE)


def data_of(transfer: Transfer) -> dict[str, Any]:
    return {
        "transfer": transfer.pk,
        "status": transfer.status,
        "format": transfer.format,
        "rows": transfer.total,
        **{name: getattr(transfer, name) for name in OUTCOMES},
        "failure": transfer.failure,
    }
