"""Every line that is no answer gets its own sentence."""

import json
from typing import Any

import pytest

from batches.formats.envelope import open_envelope
from batches.formats.rejection import Rejection
from tests.unit.formats.building import fixture_lines, line


def refused(source: bytes) -> Rejection:
    rejection = open_envelope(source)
    assert isinstance(rejection, Rejection), rejection
    return rejection


def test_the_models_own_error_is_told_with_its_code() -> None:
    first, second = (refused(source) for source in fixture_lines("model_errors"))
    assert (first.code, first.record_id) == ("model_error", "image-0001")
    assert "400: Malformed input request" in first.message
    assert (second.code, second.record_id) == ("model_error", "image-0002")
    assert "ThrottlingException: Too many requests" in second.message
    assert second.excerpt == "ThrottlingException: Too many requests"


@pytest.mark.parametrize(
    ("error", "told"), [("out of order", "out of order"), ({}, "no reason given"), ({"errorCode": 500}, "500")]
)
def test_a_sparse_error_is_a_model_error_too(error: Any, told: str) -> None:
    rejection = refused(json.dumps({"recordId": "r", "error": error}).encode())
    assert (rejection.code, rejection.record_id) == ("model_error", "r")
    assert told in rejection.message


@pytest.mark.parametrize(
    ("source", "code", "told"),
    [
        (b"1.5", "not_an_object", "is a decimal number, not"),
        (b'{"recordId": "r", "error": 5}', "unknown_shape", "`error` must be text or an object, but"),
        (b"null", "not_an_object", "is null, not a JSON object"),
        (b"[1, 2]", "not_an_object", "is a list, not"),
        (b"5", "not_an_object", "is a whole number, not"),
        (b'"text"', "not_an_object", "is text, not"),
        (b"true", "not_an_object", "is true/false, not"),
        (b"{'recordId': 1}", "malformed_json", "is not valid JSON (object keys must be strings"),
        (b"<html>", "malformed_json", "is not valid JSON"),
        (b'{"recordId": "r", "modelOutput": {"content": [{"te', "malformed_json", "ends in the middle"),
        (b'{"recordId": "r"} {"recordId": "s"}', "malformed_json", "trailing characters"),
        (b"", "malformed_json", "ends in the middle"),
        (b'{"recordId": "\xff"}', "invalid_utf8", "not valid UTF-8 at byte 15"),
        (b'{"recordId": "\xed\xa0\x80"}', "invalid_utf8", "not valid UTF-8"),
        (b'{"recordId": "r\0"}', "nul_bytes", "NUL"),
        (b'{\0"\0r\0', "nul_bytes", "UTF-16"),
        (b"\0" * 650, "nul_bytes", "NUL"),
        (b'{"recordId": "r", "x": "\\ud800"}', "lone_surrogate", "`x` in the line holds half a character"),
        (b'{"recordId": "r", "x": NaN}', "invalid_number", "`x` is NaN"),
        (b'{"a":' * 100_000, "too_deep", "nested too deeply"),
        (b'{"modelInput":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too_deep", "nested too deeply"),
        (b"[" * 100_000, "not_an_object", "is a list"),
        (b'{"recordId": "r"}', "unknown_shape", "neither an answer"),
        (b'{"recordId": "r", "modelInput": {}}', "unknown_shape", "is this an input file?"),
        (b'{"recordId": "r", "modelOutput": null}', "unknown_shape", "neither an answer"),
        (b'{"recordId": "r", "modelOutput": {"choices": []}}', "unknown_shape", "has `choices`, which"),
        (b'{"recordId": "r", "modelOutput": {}}', "unknown_shape", "has nothing, which"),
        (b'{"recordId": "r", "\xff": 1}', "invalid_utf8", "not valid UTF-8"),
        (b'{"recordId": "r", "output": {"words": "x"}}', "unknown_shape", "has `words`, which"),
        (b'{"recordId": "r", "modelOutput": "text"}', "unknown_shape", "`modelOutput` must be an object"),
        (b'{"recordId": "r", "modelOutput": {"content": "x"}}', "unknown_shape", "content` must be a list"),
    ],
)
def test_a_line_that_is_no_result_line(source: bytes, code: str, told: str) -> None:
    rejection = refused(source)
    assert rejection.code == code
    assert told in rejection.message


@pytest.mark.parametrize(
    ("record_id", "code", "told"),
    [
        (None, "missing_record_id", "`recordId` is missing"),
        (5, "invalid_record_id", "`recordId` must be text, but the line has a whole number there"),
        (["r"], "invalid_record_id", "has a list there"),
        ("", "invalid_record_id", "`recordId` is empty"),
        (" \t", "invalid_record_id", "`recordId` is empty"),
        ("\u3000", "invalid_record_id", "`recordId` is empty"),
        ("x" * 201, "invalid_record_id", "has 201 characters, more than the 200"),
        ("x" * 10_000, "invalid_record_id", "has 10,000 characters"),
        ("r\0", "invalid_record_id", "`r\\x00` contains control characters"),
        ("r\n", "invalid_record_id", "contains control characters"),
    ],
)
def test_an_id_that_identifies_nothing(record_id: Any, code: str, told: str) -> None:
    rejection = refused(line("{}", record_id))
    assert (rejection.code, rejection.field, rejection.record_id) == (code, "recordId", "")
    assert told in rejection.message


@pytest.mark.parametrize("record_id", ["x" * 200, "画像　1", "a b"])
def test_an_unusual_id_is_still_an_id(record_id: str) -> None:
    opened = open_envelope(line("{}", record_id))
    assert opened.record_id == record_id
    assert not isinstance(opened, Rejection)


def test_two_ids_of_one_name() -> None:
    rejection = refused(b'{"recordId": "a", "modelOutput": {"generation": "{}"}, "recordId": "b"}')
    assert (rejection.code, rejection.record_id) == ("duplicate_record_id", "")
    assert "`recordId` occurs 2 times" in rejection.message
    assert rejection.excerpt == "`a`, `b`"


def test_two_ids_of_different_names() -> None:
    rejection = refused(line("{}", customData="other"))
    assert rejection.code == "duplicate_record_id"
    assert "`recordId` is `image-0001` but `customData` is `other`" in rejection.message


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_answer_without_text(text: str) -> None:
    rejection = refused(line(text))
    assert (rejection.code, rejection.record_id) == ("empty_answer", "image-0001")
    assert "has no text" in rejection.message
    cut_off = refused(line(text, stop="max_tokens"))
    assert cut_off.code == "answer_cut_off"
    assert "max_tokens" in cut_off.message


@pytest.mark.parametrize("content", [[], [{"image": {}}], [{"type": "tool_use", "text": "x"}], [{"text": None}]])
def test_blocks_without_text_are_an_empty_answer(content: list[object]) -> None:
    output = {"output": {"message": {"content": content}}}
    assert refused(json.dumps({"recordId": "r", "modelOutput": output}).encode()).code == "empty_answer"


def test_the_id_of_a_broken_line_is_told_when_the_line_opens_with_it() -> None:
    assert refused(b'{"recordId": "image-7", "modelOutput": {"content').record_id == "image-7"
    assert refused(b'{"modelInput": {"recordId": "else"}, "recordId').record_id == ""


def test_the_excerpt_shows_the_end_of_a_line_that_was_cut_off() -> None:
    source = b'{"recordId": "r", "modelInput": "' + b"A" * 300_000 + b'", "modelOutput": {"content": [{"te'
    assert refused(source).excerpt.endswith('"modelOutput": {"content": [{"te')


def test_the_excerpt_of_an_unknown_answer_is_not_filled_by_the_input() -> None:
    assert refused(line("", modelInput="x " * 5_000, modelOutput={"foo": 1})).excerpt == '{"foo": 1}'
    assert refused(line("", modelInput="x " * 5_000, modelOutput={"content": 1})).excerpt == '{"content": 1}'
