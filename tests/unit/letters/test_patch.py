"""The operations of patch rules, one by one, and the sentences for what is no rule."""

from __future__ import annotations

import json
from typing import Any

import pytest

from batches.formats.receipt import Receipt, parse_receipt
from batches.letters.patch import OPERATIONS, BadRule, checked, patched, told
from batches.letters.patched_line import answer_text, patched_line
from tests.builders import error_line, line, text


@pytest.mark.parametrize(
    ("operation", "before", "after"),
    [
        ({"op": "set", "field": "date", "value": "2026-11-20"}, {"date": "?"}, {"date": "2026-11-20"}),
        ({"op": "set", "field": "type", "value": "expense"}, {}, {"type": "expense"}),
        ({"op": "set_missing", "field": "type", "value": "expense"}, {"type": None}, {"type": "expense"}),
        ({"op": "set_missing", "field": "type", "value": "expense"}, {"type": "income"}, {"type": "income"}),
        ({"op": "map", "field": "c", "values": {"food": "purchase"}}, {"c": " food "}, {"c": "purchase"}),
        ({"op": "map", "field": "c", "values": {"food": "purchase"}}, {"c": "fee"}, {"c": "fee"}),
        ({"op": "map", "field": "c", "values": {"1": "fee"}}, {"c": 1}, {"c": "fee"}),
        ({"op": "map", "field": "c", "values": {"x": "y"}}, {"c": ["x"]}, {"c": ["x"]}),
        ({"op": "strip_prefix", "field": "m", "text": "Shop:"}, {"m": " Shop: Lawson"}, {"m": "Lawson"}),
        ({"op": "strip_prefix", "field": "m", "text": "Shop:"}, {"m": "Lawson"}, {"m": "Lawson"}),
        ({"op": "strip_suffix", "field": "m", "text": "(JP)"}, {"m": "Lawson (JP) "}, {"m": "Lawson"}),
        ({"op": "replace", "field": "m", "old": "-", "new": ""}, {"m": "a-b-c"}, {"m": "abc"}),
        ({"op": "swap_date", "field": "d", "from": "DD/MM/YYYY"}, {"d": "20/11/2026"}, {"d": "2026-11-20"}),
        ({"op": "swap_date", "field": "d", "from": "DD/MM/YYYY"}, {"d": " 3/1/2026 "}, {"d": "2026-01-03"}),
        ({"op": "swap_date", "field": "d", "from": "MM-DD-YYYY"}, {"d": "11-20-2026"}, {"d": "2026-11-20"}),
        ({"op": "swap_date", "field": "d", "from": "YYYY.DD.MM"}, {"d": "2026.20.11"}, {"d": "2026-11-20"}),
        ({"op": "swap_date", "field": "d", "from": "DDMMYYYY"}, {"d": "20112026"}, {"d": "2026-11-20"}),
        ({"op": "swap_date", "field": "d", "from": "DD/MM/YYYY"}, {"d": "2026-11-20"}, {"d": "2026-11-20"}),
        ({"op": "swap_date", "field": "d", "from": "DD/MM/YYYY"}, {"d": 20112026}, {"d": 20112026}),
        ({"op": "number", "field": "a", "decimal": ","}, {"a": "EUR 1.280,50"}, {"a": "1280.50"}),
        ({"op": "number", "field": "a", "decimal": "."}, {"a": "1,280"}, {"a": "1280"}),
        ({"op": "number", "field": "a", "decimal": "."}, {"a": "none"}, {"a": "none"}),
        ({"op": "rename", "field": "merchent", "to": "merchant"}, {"merchent": "L"}, {"merchant": "L"}),
        ({"op": "rename", "field": "x", "to": "y"}, {"x": 1, "y": 2}, {"x": 1, "y": 2}),
        ({"op": "remove", "field": "x"}, {"x": 1, "y": 2}, {"y": 2}),
        ({"op": "remove", "field": "z"}, {"y": 2}, {"y": 2}),
    ],
)
def test_an_operation(operation: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> None:
    kept = dict(before)

    assert patched(before, checked([operation])) == after
    assert before == kept
    assert patched(after, [operation]) == after, "done twice, it is done once"


@pytest.mark.parametrize(
    ("operations", "problem"),
    [
        ([], "A rule is a list of operations"),
        ({"op": "set"}, "A rule is a list of operations"),
        (["set"], "Operation 1: it is not an object"),
        ([{"op": "eval", "field": "x"}], "Operation 1: `eval` is no operation: use one of set, "),
        ([{"op": {}}], "is no operation"),
        ([{"op": "set", "field": "date"}], "Operation 1: `value` is missing."),
        ([{"op": "set", "field": "date", "value": "x", "more": 1}], "`more` is not a parameter of set."),
        ([{"op": "set", "field": "", "value": "x"}], "`field` must be the name of a field"),
        ([{"op": "set", "field": "a", "value": True}], "`value` must be text or a number."),
        ([{"op": "set", "field": "a", "value": "\0"}], "`value` must be text"),
        ([{"op": "map", "field": "a", "values": {}}], "`values` must be a table"),
        ([{"op": "map", "field": "a", "values": {"x": []}}], "gives `x` a new value"),
        ([{"op": "strip_prefix", "field": "a", "text": ""}], "`text` must be text of 1 to"),
        ([{"op": "swap_date", "field": "a", "from": "DD/DD/YYYY"}], "`from` must say where day, month and year stand"),
        ([{"op": "swap_date", "field": "a", "from": "%d"}], "`from` must say where"),
        ([{"op": "number", "field": "a", "decimal": "x"}], "`decimal` must be `.` or `,`."),
        ([{"op": "answer", "text": "{}"}], "is no operation"),
        ([{"op": "remove", "field": "a"}] * 21, "at most 20 operations"),
    ],
)
def test_what_is_no_rule_is_told_in_a_sentence(operations: object, problem: str) -> None:
    with pytest.raises(BadRule) as refused:
        checked(operations)

    assert any(problem in each for each in refused.value.problems)


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(BadRule) as refused:
        checked([{"op": "set"}, {"op": "no"}])

    assert len(refused.value.problems) == 3


def test_an_operation_in_words() -> None:
    operation = {"op": "swap_date", "field": "date", "from": "DD/MM/YYYY"}

    assert told(operation) == "Swap date order: field `date`, from `DD/MM/YYYY`"
    assert all(told({"op": name}) for name in OPERATIONS)


SWAP = [{"op": "swap_date", "field": "date", "from": "DD/MM/YYYY"}]


@pytest.mark.parametrize("wrapped", ["{}", "```json\n{}\n```", "Here it is: {} Anything else?"])
def test_a_line_is_patched_whatever_is_around_its_answer(wrapped: str) -> None:
    said = wrapped.replace("{}", text(date="20/11/2026", amount="1280.10"))

    receipt = parse_receipt(patched_line(line(answer=said), SWAP))

    assert isinstance(receipt, Receipt)
    assert (receipt.date, receipt.amount, receipt.image_id) == ("2026-11-20", "1280.10", "image-00001")


def test_a_number_keeps_its_digits() -> None:
    said = text(date="20/11/2026").replace("1280", "1280.10")

    assert json.loads(answer_text(patched_line(line(answer=said), SWAP)))["amount"] == 1280.10
    assert '"amount":1280.10' in answer_text(patched_line(line(answer=said), SWAP))


@pytest.mark.parametrize("data", [b"", b"not json", error_line("image-1"), line(answer="no object"), line(answer="{{")])
def test_what_cannot_be_patched_comes_back_as_it_is(data: bytes) -> None:
    assert patched_line(data, SWAP) == data


@pytest.mark.parametrize("data", [b"", b"\xff", error_line("image-1"), line("image-1", answer="no object")])
def test_a_persons_answer_takes_the_place_of_whatever_there_was(data: bytes) -> None:
    receipt = parse_receipt(patched_line(data, [{"op": "answer", "text": text()}], record_id="image-1"))

    assert isinstance(receipt, Receipt)
    assert receipt.image_id == "image-1"


def test_a_person_names_the_record_only_where_the_line_does_not() -> None:
    operations = [{"op": "answer", "text": text(), "record_id": "image-2"}]

    assert parse_receipt(patched_line(line("image-1"), operations)).image_id == "image-1"  # type: ignore[union-attr]
    assert parse_receipt(patched_line(b"{", operations)).image_id == "image-2"  # type: ignore[union-attr]
