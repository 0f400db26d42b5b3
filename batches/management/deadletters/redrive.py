"""`deadletters redrive`: try letters again, all at once or by and by, as they are or patched by a rule."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User

from batches.letters import progress
from batches.letters.await_redrive import await_redrive
from batches.letters.dry_run import SAMPLE, DryRun, dry_run
from batches.letters.filters import LetterFilter
from batches.letters.preview import preview
from batches.letters.redrive_data import dry_run_data, failed_items, redrive_data
from batches.letters.start_redrive import Started, start_redrive
from batches.letters.write_rule import write_rule
from batches.management.deadletters.shared import (
    DONE,
    NOTHING,
    CannotRun,
    Told,
    add_filters,
    add_writing,
    chosen,
    make_sure,
    person_of,
)
from batches.models import PatchRule, Redrive
from batches.states import RedriveStatus
from pages.terminal import Progress

HELP = (
    "try letters again; exit code 0: started, or with --wait all put right; 1: with --wait, some failed or were left;"
    " with --dry-run, some would fail"
)


def add_arguments(parser: ArgumentParser) -> None:
    add_filters(parser)
    add_writing(parser)
    parser.add_argument("--dry-run", action="store_true", help=f"show what would be, of up to {SAMPLE} letters")
    parser.add_argument("--rate", type=int, metavar="N", help="letters a minute at most")
    parser.add_argument("--ramp", action="store_true", help="1, 5, 25, … letters; stops by itself when they fail again")
    parser.add_argument(
        "--rule",
        metavar="RULE",
        help="number of a patch rule; or a new one for the --group: its operations as JSON, or @FILE with them",
    )
    parser.add_argument("--wait", action="store_true", help="until it is over, working here if no worker is alive")
    parser.add_argument("--intent", default="", help="the same intent sent twice is one redrive; made up when left out")


def run(options: dict[str, Any]) -> Told:
    who, which = person_of(options), chosen(options)
    rule = _rule(options["rule"])
    if options["dry_run"]:
        return _dry_run(which, who, rule)
    kept = rule if isinstance(rule, PatchRule) else None
    shown = preview(which, rule=kept)
    make_sure(options, "redriven", shown.taken)
    if rule is not None and kept is None:
        kept = write_rule(_group(which), rule, why=options["reason"], actor=who)
    started = start_redrive(
        which,
        actor=who,
        intent_id=options["intent"] or uuid4().hex,
        up_to=shown.up_to,
        reason=options["reason"],
        rule=kept,
        rate=options["rate"],
        ramp=options["ramp"],
    )
    return _waited(started, options) if options["wait"] else _told_start(started)


def _rule(text: str | None) -> PatchRule | list[Any] | None:
    """A rule that is kept, or the operations of a new one."""
    if text is None:
        return None
    if text.isdecimal():
        rule = PatchRule.objects.filter(pk=int(text)).first()
        if rule is None:
            raise CannotRun(f"There is no rule {text}.")
        return rule
    try:
        operations = json.loads(Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text)
    except (OSError, ValueError) as fault:
        raise CannotRun(f"--rule is neither a rule's number nor JSON: {fault}.") from None
    if not isinstance(operations, list):
        raise CannotRun("--rule must be a list of operations.")
    return operations


def _group(which: LetterFilter) -> str:
    if not which.group:
        raise CannotRun("A new rule is for a group: name it with --group.")
    return which.group


def _dry_run(which: LetterFilter, who: User, rule: PatchRule | list[Any] | None) -> Told:
    kept = rule if isinstance(rule, PatchRule) else None
    shown = dry_run(which, actor=who, rule=kept, operations=rule if kept is None else None)
    bad = {"failed_again", "conflict", "unreadable", "not_shown"} & shown.outcomes.keys()
    return Told(_dry_text(shown), dry_run_data(shown), NOTHING if bad or not shown.taken else DONE)


def _dry_text(shown: DryRun) -> str:
    lines = [
        f"{each.letter}\t{each.outcome}\t{each.record_id}\t"
        + (each.message or "; ".join(f"{name}: {was} → {now}" for name, (was, now) in each.changes.items()))
        for each in shown.shown
    ]
    what = "All" if shown.whole else f"A sample of {len(shown.shown):,}"
    counts = ", ".join(f"{number:,} {outcome}" for outcome, number in sorted(shown.outcomes.items()))
    return "\n".join([*lines, f"{what} of {shown.taken:,} letters: {counts or 'none'}. Nothing was changed."])


def _told_start(started: Started) -> Told:
    redrive = started.redrive
    left = [
        f"{number:,} {what}"
        for number, what in ((started.closed, "not open any more"), (started.in_hand, "in hand already"))
        if number
    ]
    again = "It was started before: " if started.again else ""
    out = f" Left out: {', '.join(left)}." if left else ""
    text = f"{again}Redrive {redrive.pk} has {started.taken:,} letters.{out}"
    data = redrive_data(redrive, progress.of_redrive(redrive.pk))
    return Told(text, {**data, "closed": started.closed, "inHand": started.in_hand, "again": started.again})


def _waited(started: Started, options: dict[str, Any]) -> Told:
    with Progress(f"redrive {started.redrive.pk}", quiet=options["as_json"]) as bar:
        redrive = await_redrive(
            started.redrive.pk,
            seen=lambda now: bar.show(now.done, now.total, now.done),
            alone=lambda: bar.say("No worker is alive: the work is done in this process."),
        )
    return told_redrive(redrive)


def told_redrive(redrive: Redrive) -> Told:
    """A redrive with its figures, and the letters that failed."""
    now, failed = progress.of_redrive(redrive.pk), failed_items(redrive.pk)
    counts = f"{now.put_right:,} put right, {now.failed:,} failed, {now.skipped:,} skipped, {now.waiting:,} waiting"
    lines = [f"Redrive {redrive.pk}: {redrive.get_status_display().lower()}. {redrive.total:,} letters: {counts}."]
    lines += [text for text in (redrive.stop_reason, redrive.last_error) if text]
    lines += [f"{item['letter']}\t{item['outcome']}\t{item['message']}" for item in failed]
    right = redrive.status == RedriveStatus.FINISHED and now.put_right == redrive.total
    return Told("\n".join(lines), redrive_data(redrive, now) | {"failedLetters": failed}, DONE if right else NOTHING)
