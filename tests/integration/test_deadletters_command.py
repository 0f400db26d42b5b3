"""`manage.py deadletters`: the same filters, verbs and refusals as on the pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from batches.models import DeadLetter, LetterGroup
from monitoring.models import AuditEntry
from tests.builders import error_line, image, ingested, jsonl, line
from tests.integration.pages import person
from tests.integration.processes import manage, the_object

pytestmark = pytest.mark.django_db(transaction=True)
Command = Callable[..., tuple[dict[str, Any], int]]


@pytest.fixture
def deadletters(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run it with --json; what it said, and its exit code."""

    def run(*arguments: object) -> tuple[dict[str, Any], int]:
        capsys.readouterr()
        try:
            call_command("deadletters", *map(str, arguments), "--json")
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        return json.loads(capsys.readouterr().out), code

    return run


def letters() -> list[DeadLetter]:
    ingested(jsonl([line(image(1), date="x"), line(image(2), date="y"), error_line(image(3))]))
    return list(DeadLetter.objects.order_by("pk"))


def refused(*arguments: object) -> CommandError:
    with pytest.raises(CommandError) as fault:
        call_command("deadletters", *map(str, arguments))
    return fault.value


def test_list_has_pages(deadletters: Command) -> None:
    first, second, third = letters()

    page, _ = deadletters("list", "--limit", 2)
    assert ([each["letter"] for each in page["letters"]], page["next"]) == ([third.pk, second.pk], second.pk)
    page, _ = deadletters("list", "--limit", 2, "--before", page["next"])
    assert ([each["letter"] for each in page["letters"]], page["next"]) == ([first.pk], None)


def test_list_filters_and_says_when_there_is_nothing(deadletters: Command) -> None:
    letters()

    found, code = deadletters("list", "--code", "invalid_date", "--job", "job-1", "--status", "open")
    assert ([each["imageId"] for each in found["letters"]], code) == ([image(2), image(1)], 0)
    assert deadletters("list", "--user", "nobody") == ({"letters": [], "next": None}, 1)


def test_show_tells_the_history(deadletters: Command) -> None:
    pk = letters()[0].pk
    person("discard_deadletter", name="dora")
    deadletters("discard", pk, "--as", "dora", "--reason", "a test", "--yes")

    told, _ = deadletters("show", pk)

    assert (told["code"], told["amount"], told["status"]) == ("invalid_date", "1280.00", "discarded")
    assert [(event["name"], event["by"], event["message"]) for event in told["events"]] == [
        ("discarded", "dora", "a test")
    ]
    assert refused("show", 99_999).returncode == 2


def test_groups_come_by_what_they_cost(deadletters: Command) -> None:
    letters()
    dates = LetterGroup.objects.get(code="invalid_date").pk

    by_impact, _ = deadletters("groups")
    by_name, _ = deadletters("groups", "--code", "model_error")

    assert by_impact["groups"][0] | {"trend": [], "firstSeen": "", "lastSeen": "", "pattern": ""} == {
        "group": dates, "kind": "line", "code": "invalid_date", "field": "date", "pattern": "", "status": "open",
        "letters": 2, "open": 2, "amount": "2560.00", "users": 1, "jobs": 1, "firstSeen": "", "lastSeen": "",
        "returnedAt": None, "trend": [],
    }  # fmt: skip
    assert by_impact["groups"][0]["trend"] == [0] * 23 + [2]
    assert [group["code"] for group in by_name["groups"]] == ["model_error"]


def test_discard_and_restore_by_a_filter(deadletters: Command) -> None:
    letters()
    person("discard_deadletter", name="dora")
    who = ("--as", "dora", "--reason", "a test", "--yes")

    assert deadletters("discard", "--code", "invalid_date", *who) == ({"discarded": 2}, 0)
    assert deadletters("discard", "--code", "invalid_date", *who) == ({"discarded": 0}, 1)
    assert deadletters("restore", "--all", *who) == ({"restored": 2, "late": 0}, 0)


def test_a_group_is_resolved_muted_and_opened_again(deadletters: Command) -> None:
    letters()
    group = LetterGroup.objects.get(code="invalid_date").pk
    person("redrive_deadletter", name="otto")
    who = ("--as", "otto", "--reason", "why")

    assert deadletters("resolve", group, *who) == ({"group": group, "changed": True, "status": "resolved"}, 0)
    assert deadletters("resolve", group, *who) == ({"group": group, "changed": False, "status": "resolved"}, 1)
    assert deadletters("mute", group, *who)[0]["status"] == "muted"
    assert deadletters("reopen", group, *who)[0]["status"] == "open"
    assert refused("mute", "ab" * 8, *who).returncode == 2


def test_nothing_is_changed_without_a_name_a_choice_and_a_yes() -> None:
    pk = letters()[0].pk
    person("discard_deadletter", name="dora")
    who = ("--as", "dora", "--reason", "a test")

    assert "say --all" in str(refused("discard", *who, "--yes"))
    assert "no active user" in str(refused("discard", pk, "--as", "nobody", "--reason", "x", "--yes"))
    assert "1 letter would be discarded: say --yes" in str(refused("discard", pk, *who))
    assert "Say why" in str(refused("discard", pk, "--as", "dora", "--reason", " ", "--yes"))
    assert "required: --as" in str(refused("discard", pk, "--reason", "x"))
    assert "write a number" in str(refused("list", "x"))
    assert set(DeadLetter.objects.values_list("status", flat=True)) == {"open"}


def test_a_refusal_is_recorded_and_has_an_exit_code_of_its_own() -> None:
    pk = letters()[0].pk
    person("view_deadletter", name="viewer")

    assert refused("discard", pk, "--as", "viewer", "--reason", "a try", "--yes").returncode == 3

    entry = AuditEntry.objects.get()
    assert (entry.allowed, entry.actor.username, entry.details["filters"]) == (False, "viewer", {"ids": str(pk)})  # type: ignore[union-attr]


def test_as_a_process_of_its_own(environment: dict[str, str]) -> None:
    letters()

    found = manage(environment, "deadletters", "list", "--code", "model_error", "--json")
    none = manage(environment, "deadletters", "list", "--code", "unheard_of")
    wrong = manage(environment, "deadletters", "list", "--kind", "lines")

    assert [each["code"] for each in the_object(found.stdout)["letters"]] == ["model_error"]
    assert (found.returncode, none.returncode, wrong.returncode) == (0, 1, 2)
    assert b"use one of line" in wrong.stderr
