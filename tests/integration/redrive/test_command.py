"""The incident, from the command line alone."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from batches.models import DeadLetter, LetterGroup, PatchRule, Redrive
from tests.builders import counts, image, ingested, jsonl, line, text, the_letter
from tests.redrives import SWAP, an_operator, dead_letters, run_redrives, started

pytestmark = pytest.mark.django_db(transaction=True)

WHO = ("--as", "hanako", "--reason", "The model changed its way to write days.")


def told(*arguments: object) -> tuple[dict[str, Any], int]:
    """What --json says, and the exit code."""
    an_operator()
    out = io.StringIO()
    try:
        call_command("deadletters", *map(str, arguments), "--json", stdout=out)
    except SystemExit as end:
        return json.loads(out.getvalue()), int(str(end.code))
    return json.loads(out.getvalue()), 0


def said(*arguments: object) -> str:
    an_operator()
    out = io.StringIO()
    with suppress(SystemExit):
        call_command("deadletters", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_an_incident_from_alarm_to_resolved() -> None:
    letters = dead_letters(30)
    group = letters[0].group_id
    rule = ("--group", group, "--rule", json.dumps(SWAP))

    shown, code = told("redrive", *rule, "--dry-run", *WHO)
    assert (code, shown["taken"], shown["whole"], shown["outcomes"]) == (0, 30, True, {"inserted": 30})
    assert shown["letters"][0]["changes"]["date"] == [None, "2026-11-20"]
    assert not PatchRule.objects.exists()

    done, code = told("redrive", *rule, "--ramp", "--wait", "--yes", *WHO)
    assert (code, done["status"], done["put_right"], done["ramp"]) == (0, "finished", 30, True)
    assert done["failedLetters"] == []
    assert (counts(), LetterGroup.objects.get().status) == ({"inserted": 30}, "resolved")


def test_what_failed_is_told_letter_by_letter() -> None:
    [letter] = dead_letters(1)

    done, code = told("redrive", letter.pk, "--wait", "--yes", *WHO)

    child = DeadLetter.objects.get(parent=letter)
    assert code == 1
    assert done["failedLetters"] == [
        {"letter": letter.pk, "outcome": "failed_again", "message": child.message, "child": child.pk}
    ]
    again, code = told("redrives", done["redrive"])
    assert (again["failedLetters"], code) == (done["failedLetters"], 1)
    assert f"{letter.pk}\tfailed_again\t{child.message}" in said("redrives", done["redrive"])


def test_without_waiting_it_is_started_and_steered() -> None:
    dead_letters(20)

    begun, code = told("redrive", "--code", "invalid_date", "--rate", 12, "--yes", "--intent", "cron-1", *WHO)
    again, _ = told("redrive", "--code", "invalid_date", "--rate", 12, "--yes", "--intent", "cron-1", *WHO)
    assert (code, begun["status"], begun["waiting"], begun["rate"]) == (0, "running", 20, 12)
    assert (again["redrive"], again["again"]) == (begun["redrive"], True)

    assert told("pause", begun["redrive"], *WHO)[0]["status"] == "paused"
    assert told("resume", begun["redrive"], *WHO)[0]["status"] == "running"
    assert told("cancel", begun["redrive"], *WHO)[0]["status"] == "cancelled"
    assert [each["status"] for each in told("redrives")[0]["redrives"]] == ["cancelled"]
    assert told("redrives", "--status", "running") == ({"redrives": []}, 1)


def test_a_sample_says_that_it_is_one() -> None:
    dead_letters(3)

    assert "All of 3 letters: 3 failed_again. Nothing was changed." in said("redrive", "--all", "--dry-run", *WHO)


def test_an_edit(tmp_path: Path) -> None:
    ingested(jsonl([line(image(1), answer="No.")]))
    answer = tmp_path / "answer.json"
    answer.write_text(text())

    told("edit", the_letter().pk, "--answer", answer, *WHO)
    run_redrives()

    assert counts() == {"inserted": 1}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["redrive", *WHO, "--yes"], "No letter and no filter is named"),
        (["redrive", "--all", *WHO], "say --yes to do it"),
        (["redrive", "--all", "--yes", "--rate", "0", *WHO], "A rate is 1 to"),
        (["redrive", "--all", "--yes", "--rule", "7777", *WHO], "There is no rule 7777."),
        (["redrive", "--all", "--yes", "--rule", "{", *WHO], "neither a rule's number nor JSON"),
        (["redrive", "--all", "--yes", "--rule", "[1]", *WHO], "name it with --group"),
        (["redrive", "--job", "no-such", "--yes", *WHO], "there is nothing to redrive"),
        (["redrive", "--all", "--dry-run", "--rule", '[{"op": "no"}]', *WHO], "`no` is no operation"),
        (["redrives", "7777"], "There is no redrive 7777."),
        (["cancel", "7777", *WHO], "There is no redrive 7777."),
        (["edit", "7777", "--answer", "/no/such/file", *WHO], "cannot be read"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(arguments: list[str], sentence: str) -> None:
    dead_letters(1)

    with pytest.raises(CommandError, match=sentence) as fault:
        said(*arguments)

    assert fault.value.returncode == 2
    assert not Redrive.objects.exists()


def test_who_may_not_is_refused() -> None:
    dead_letters(1)
    redrive = started()
    User.objects.create_user("visitor")
    who = ("--as", "visitor", "--reason", "Because.")

    for arguments in (("redrive", "--all", "--yes", *who), ("cancel", redrive.pk, *who)):
        with pytest.raises(CommandError, match="Refused, and recorded") as fault:
            said(*arguments)
        assert fault.value.returncode == 3
