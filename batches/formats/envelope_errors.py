"""Error path only: sentences for lines whose envelope cannot be opened."""

import re
from typing import Protocol

import msgspec

from batches.formats import diagnosis
from batches.formats.rejection import RECORD_ID_CHARS, Code, Rejected, Rejection, excerpt, shown

_LEADING_ID = re.compile(rb'\s*\{\s*"(?:recordId|customData)"\s*:\s*"([^"\\]{1,200})"')
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_as_pairs = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class ModelError(Protocol):
    @property
    def error_code(self) -> str | int | None: ...
    @property
    def error_message(self) -> str | None: ...


def undecodable_line(line: bytes, error: Exception) -> Rejection:
    record_id = _leading_id(line)
    if not isinstance(error, msgspec.ValidationError):
        return diagnosis.undecodable(line, error, "The line").rejection(record_id)
    rejected = diagnosis.wrong_type(error, line, "The line")
    if rejected.field in {"recordId", "customData"}:
        rejected.code = Code.INVALID_RECORD_ID
    elif rejected.code is Code.WRONG_TYPE:
        rejected.code = Code.UNKNOWN_SHAPE
        rejected.part = _offending_part(line, rejected.field)
    return rejected.rejection(record_id)


def missing_record_id(line: bytes) -> Rejected:
    message = "`recordId` is missing (or `customData`), so nobody can tell which image this answer is about; "
    return Rejected(Code.MISSING_RECORD_ID, message + "add it to the line.", field="recordId", part=line)


def two_ids(record_id: str, custom_data: str) -> Rejected:
    message = f"`recordId` is {shown(record_id)} but `customData` is {shown(custom_data)}; remove the wrong one."
    return Rejected(
        Code.DUPLICATE_RECORD_ID, message, field="recordId", part=f"{record_id[:200]} / {custom_data[:200]}"
    )


def check_record_id(record_id: str, name: str) -> None:
    if not record_id.strip():
        problem = f"`{name}` is empty"
    elif len(record_id) > RECORD_ID_CHARS:
        problem = f"`{name}` has {len(record_id):,} characters, more than the {RECORD_ID_CHARS} allowed"
    elif _CONTROL.search(record_id):
        problem = f"`{name}` {shown(record_id)} contains control characters"
    else:
        return
    raise Rejected(
        Code.INVALID_RECORD_ID, f"{problem}; give the record the id of its image.", field=name, part=record_id
    )


def check_single_id(line: bytes, name: str) -> None:
    """Reject a line with two ids of its own; the same key deeper down (in `modelInput`) does not matter."""
    values = [value for key, value in _top_level(line) if key == name]
    if len(values) > 1:
        message = f"`{name}` occurs {len(values)} times in the line, so it is unclear which image is meant; keep one."
        raise Rejected(Code.DUPLICATE_RECORD_ID, message, field=name, part=", ".join(values))


def model_error(error: ModelError | str) -> Rejected:
    if isinstance(error, str):
        code, said = "", error
    else:
        code, said = str(error.error_code or ""), error.error_message or ""
    told = f"{code}: {said}" if code and said else code or said or "no reason given"
    message = f"The model gave no answer for this record ({told[:700]}); run the record again in a new batch."
    return Rejected(Code.MODEL_ERROR, message, field="error", part=told)


def unknown_shape(line: bytes) -> Rejected:
    try:
        keys = _as_pairs(line)
        values = [bytes(keys[name]) for name in ("modelOutput", "output") if name in keys]
        output = next((value for value in values if value != b"null"), None)
        found = list(_as_pairs(output)) if output is not None else []
    except _UNDECODABLE as error:  # keys that are no text, which the typed decoding skipped
        return diagnosis.undecodable(line, error, "The line")
    if output is None:
        message = "The line has neither an answer (`modelOutput`, `output`) nor an `error`; is this an input file?"
        return Rejected(Code.UNKNOWN_SHAPE, message, field="modelOutput", part=line)
    named = ", ".join(shown(key) for key in found[:10]) or "nothing"
    message = f"The model's output has {named}, which is the answer of no model known here "
    message += "(Nova, Converse, Anthropic, Titan, Llama); is it another model?"
    return Rejected(Code.UNKNOWN_SHAPE, message, field="modelOutput", part=output)


def empty_answer(cut_off: bool) -> Rejected:
    if cut_off:
        message = "The model ran out of tokens (max_tokens) before any text; raise the limit and run it again."
        return Rejected(Code.ANSWER_CUT_OFF, message, field="modelOutput")
    message = "The model's answer has no text; look at the image and run the record again."
    return Rejected(Code.EMPTY_ANSWER, message, field="modelOutput")


def _leading_id(line: bytes) -> str:
    """The id of an undecodable line, if the line opens with it; anywhere else it might be somebody else's."""
    match = _LEADING_ID.match(line)
    return excerpt(match[1]) if match else ""


def _offending_part(line: bytes, path: str) -> bytes:
    """The top-level value the path starts in, so that the excerpt is not filled by `modelInput`."""
    try:
        return bytes(_as_pairs(line).get(re.split(r"[.\[]", path)[0], line))
    except _UNDECODABLE:
        return line


def _top_level(line: bytes) -> list[tuple[str, str]]:
    """The line's own keys with their values as text, doubles included."""
    import json

    # The hook sees the innermost objects first and the line itself last.
    pairs: list[tuple[str, object]] = []

    def keep(found: list[tuple[str, object]]) -> None:
        pairs[:] = found

    try:
        json.loads(line.decode("utf-8", "replace"), object_pairs_hook=keep)
    except (ValueError, RecursionError):
        return []
    return [(key, shown(value)) for key, value in pairs]
