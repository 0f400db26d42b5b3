"""The one object in a model's text is found, and nothing is guessed when there is not exactly one."""

import contextlib
from typing import Any

import msgspec
import pytest

from batches.formats.model_json import decode_object
from batches.formats.rejection import Rejected


class Said(msgspec.Struct):
    a: Any = None
    b: str | None = None


DECODER = msgspec.json.Decoder(Said)
OBJECT = '{"a": 1, "b": "}{ \\" 売上"}'


@pytest.mark.parametrize(
    "text",
    [
        OBJECT,
        f"\n  {OBJECT}\r\n",
        f"```json\n{OBJECT}\n```",
        f"```json\r\n{OBJECT}\r\n```\r\n",
        f"```\n{OBJECT}\n```",
        f"```JSON {OBJECT}```",
        f"Here is the JSON: {OBJECT} Hope this helps!",
        f"It's the receipt's JSON:\n```json\n{OBJECT}\n```\nAsk me if there's more.",
        f"I fill in {{merchant}} and so on: {OBJECT}",
        f"{OBJECT}\nwhere {{a}} is the amount",
        f"[{OBJECT}]",
        f"\ufeff{OBJECT}",
    ],
)
def test_the_object_is_found(text: str) -> None:
    assert decode_object(text, DECODER) == Said(1, '}{ " 売上')


def refused(text: str, cut_off: bool = False) -> Rejected:
    with pytest.raises(Rejected) as caught:
        decode_object(text, DECODER, cut_off=cut_off)
    return caught.value


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("I cannot read this image.", "no_json_in_answer", "holds no JSON object"),
        ("null", "no_json_in_answer", "holds no JSON object"),
        ("[]", "no_json_in_answer", "holds no JSON object"),
        ("} {", "malformed_json", "ends in the middle"),
        ('{"a": 1, "b": "x', "malformed_json", "ends in the middle"),
        ('{"a": {"b": 1}, "c"', "malformed_json", "ends in the middle"),
        ('{"a": 1,}', "malformed_json", "trailing comma"),
        ("{'a': 1}", "malformed_json", "object keys must be strings"),
        ('{"b": "say "hi""}', "malformed_json", "is not valid JSON"),
        ('{"b": "say "hi"}', "malformed_json", "is not valid JSON"),
        ('{"b": "line\nbreak"}', "malformed_json", "invalid character"),
        ('{"b": "nul\0"}', "nul_bytes", "contains NUL"),
        ('{"a": NaN}', "invalid_number", "`a` is NaN, which is not a number"),
        ('{"a": -Infinity}', "invalid_number", "`a` is -Infinity"),
        ('{"b": "\\ud800"}', "lone_surrogate", "`b` in the model's answer holds half a character"),
        ('{"b": "\\udc00 more text"}', "lone_surrogate", "half a character (`\\udc00`"),
        ('{"a": 1} {"a": 2}', "several_objects", "more than one JSON object"),
        ('[{"a": 1}, {"a": 2}]', "several_objects", "more than one JSON object"),
        ('[{"a": 1}, {"a": 2, "b"', "malformed_json", "ends in the middle"),
        ('{"a": 1, "b": 5}', "wrong_type", "`b` must be text, but the model's answer has a whole number there"),
        ('{"a": ' + "9" * 5_000 + "}", "wrong_type", "`a` cannot be used: Integer value out of range"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "too_deep", "nested too deeply"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "too_deep", "nested too deeply"),
        ('{"a":' * 100_000, "malformed_json", "ends in the middle"),
        ("[" * 100_000, "no_json_in_answer", "holds no JSON object"),
        ("{x}" * 1_000, "malformed_json", "is not valid JSON"),
    ],
)
def test_text_without_exactly_one_object(text: str, code: str, told: str) -> None:
    rejected = refused(text)
    assert rejected.code == code
    assert told in rejected.message


@pytest.mark.parametrize("text", ['{"a": 1, "b": "x', '{"a": {"b": 1}, "c', '{"a', "The receipt shows"])
def test_running_out_of_tokens_is_the_reason_given(text: str) -> None:
    rejected = refused(text, cut_off=True)
    assert rejected.code == "answer_cut_off"
    assert "max_tokens" in rejected.message


def test_an_object_finished_before_the_tokens_ran_out_counts() -> None:
    assert decode_object(f"{OBJECT} This receipt is about", DECODER, cut_off=True).a == 1


def test_the_excerpt_is_near_the_problem_counted_in_characters() -> None:
    rejected = refused('{"b": "' + "あ" * 2_000 + '", HERE: 1, "z": "' + "い" * 2_000 + '"}')
    assert "HERE" in rejected.rejection().excerpt


@pytest.mark.parametrize(
    "unit", ["{", "}", '{"', '"', '\\"', '{"\\"', "{}", '{"a":', "{x}", '}{"a', "{{}", "\\", '{"a":[', "[{"]
)
def test_hostile_text_takes_time_in_proportion_to_its_length(unit: str) -> None:
    # A search that starts anew at every brace needs hours for this and runs into the suite's timeout.
    with contextlib.suppress(Rejected):
        decode_object("{" + unit * (2_000_000 // len(unit)) + "}", DECODER)
