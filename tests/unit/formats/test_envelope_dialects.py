"""Every dialect a result line is written in gives the record's id and the model's text."""

import json

import pytest

from batches.formats.envelope import Answer, open_envelope
from batches.formats.receipt import Receipt, parse_receipt
from tests.unit.formats.building import answer, fixture_lines, line


@pytest.mark.parametrize("dialect", ["nova", "converse", "anthropic", "titan", "llama", "yorutsuke"])
def test_dialect(dialect: str) -> None:
    for number, source in enumerate(fixture_lines(dialect), 1):
        opened = open_envelope(source)
        assert isinstance(opened, Answer), opened
        assert opened.record_id == f"image-{number:04d}"
        assert not opened.cut_off
        receipt = parse_receipt(source)
        assert isinstance(receipt, Receipt), receipt
        assert receipt.amount == f"{1280 + number}.00"


def test_only_text_blocks_are_the_answer() -> None:
    blocks = [
        {"type": "thinking", "thinking": "hm"},
        {"type": "search", "text": "found"},
        {"type": "text", "text": "a"},
        {"text": "b"},
    ]
    opened = open_envelope(json.dumps({"recordId": "r", "modelOutput": {"content": blocks}}).encode())
    assert isinstance(opened, Answer)
    assert opened.text == "ab"


def test_unknown_keys_and_the_models_input_are_skipped() -> None:
    opened = open_envelope(line("{}", modelInput={"recordId": 5, "error": {}}, added=[1, {"text": "x"}]))
    assert opened == Answer("image-0001", "{}", False)


def test_an_emoji_in_the_models_input_is_skipped() -> None:
    assert b"\\ud83d\\ude00" in line("{}", modelInput="😀")
    assert isinstance(open_envelope(line("{}", modelInput="😀 and more")), Answer)


def test_bytes_that_are_not_utf8_in_the_models_input_are_nobodys_problem() -> None:
    source = line(answer(), modelInput="?").replace(b'"?"', b'"\xff\xfe"')
    assert isinstance(parse_receipt(source), Receipt)


def test_both_names_of_the_id_may_be_there_when_they_agree() -> None:
    assert isinstance(open_envelope(line("{}", customData="image-0001")), Answer)


@pytest.mark.parametrize(
    "output",
    [
        {"output": {"message": {"content": [{"text": "{"}]}}, "stopReason": "max_tokens"},
        {"content": [{"type": "text", "text": "{"}], "stop_reason": "max_tokens"},
        {"results": [{"outputText": "{", "completionReason": "LENGTH"}]},
        {"generation": "{", "stop_reason": "length"},
    ],
)
def test_running_out_of_tokens_is_noticed(output: dict[str, object]) -> None:
    opened = open_envelope(json.dumps({"recordId": "r", "modelOutput": output}).encode())
    assert opened == Answer("r", "{", True)


def test_a_null_error_is_no_error() -> None:
    assert isinstance(open_envelope(line("{}", error=None)), Answer)
