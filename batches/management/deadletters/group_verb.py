"""What `resolve`, `mute` and `reopen` share."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from batches.management.deadletters.shared import DONE, NOTHING, CannotRun, Told, person_of
from batches.models import LetterGroup
from batches.search import hex_id

FINGERPRINT_CHARS = 16


def add_group(parser: ArgumentParser) -> None:
    parser.add_argument("group", metavar="GROUP", help="its fingerprint: see `deadletters groups`")
    parser.add_argument("--as", dest="username", required=True, metavar="USER", help="whose permissions and name it is")
    parser.add_argument("--reason", required=True, help="why: kept in the audit log")


def changed(options: dict[str, Any], verb: Callable[..., bool], what: str) -> Told:
    fingerprint = hex_id(options["group"], FINGERPRINT_CHARS)
    if fingerprint is None or not LetterGroup.objects.filter(pk=fingerprint).exists():
        raise CannotRun(f"There is no group {options['group']!r}: see `deadletters groups`.")
    done = verb(fingerprint, actor=person_of(options), reason=options["reason"])
    status = LetterGroup.objects.get(pk=fingerprint).status
    text = f"Group {fingerprint} is {what}." if done else f"Group {fingerprint} was {status} already."
    return Told(text, {"group": fingerprint, "changed": done, "status": status}, DONE if done else NOTHING)
