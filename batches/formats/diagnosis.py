"""Error path only: what exactly is wrong with JSON the decoder refused, as a sentence.

msgspec stops at the first problem with a terse reason and calls a lone surrogate "truncated", so the standard
library's slower decoder gives a second opinion.
"""

import json
import re
from typing import Any

import msgspec

from batches.formats.rejection import Code, Rejected, shown

_POSITION = re.compile(r"\(byte (\d+)\)")
_EXPECTED = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")
_PATH = re.compile(r" - at `\$\.?(.*)`$")
_SURROGATE = re.compile("[\ud800-\udfff]")
_KINDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a decimal number",
    "bool": "true/false",
    "null": "null",
    "array": "a list",
    "object": "an object",
}


class _NotFinite(str):
    """`NaN`, `Infinity` or `-Infinity`, which Python's decoder takes for numbers and JSON does not know."""


def undecodable(source: str | bytes, error: Exception, what: str) -> Rejected:
    """The reason why `source` ("The line", "The model's answer") is not JSON that can be stored."""
    if isinstance(error, RecursionError):
        return Rejected(
            Code.TOO_DEEP,
            f"{what} is JSON nested too deeply to be an answer; look at the excerpt and ask the model again.",
            part=source,
        )
    return _bad_characters(source, what) or _second_opinion(source, what) or _malformed(source, error, what)


def wrong_type(error: msgspec.ValidationError, source: str | bytes, what: str) -> Rejected:
    """The sentence for valid JSON whose value has another JSON type than the field needs."""
    reason = str(error)
    path = _PATH.search(reason)
    types = _EXPECTED.search(reason)
    if path is None or types is None:
        return _other_type(reason, path[1] if path else "", types[2] if types else "", source, what)
    expected, got = (_in_words(names) for names in types.groups())
    return Rejected(
        Code.WRONG_TYPE,
        f"`{path[1]}` must be {expected}, but {_lowered(what)} has {got} there; correct it or ask again.",
        field=path[1],
        part=source,
    )


def truncated(source: str | bytes, what: str) -> Rejected:
    message = f"{what} ends in the middle of its JSON; was the file or the answer cut off?"
    return Rejected(Code.MALFORMED_JSON, message, part=source, at=max(0, len(source) - 200))


def _other_type(reason: str, path: str, got: str, source: str | bytes, what: str) -> Rejected:
    if got:
        message = f"{what} is {_in_words(got)}, not a JSON object; check that the file is a result file."
        return Rejected(Code.NOT_AN_OBJECT, message, part=source)
    return Rejected(Code.WRONG_TYPE, f"`{path}` cannot be used: {reason}.", field=path, part=source)


def _bad_characters(source: str | bytes, what: str) -> Rejected | None:
    if isinstance(source, str):
        if (at := source.find("\0")) < 0:
            return None
    elif (at := source.find(b"\0")) < 0:
        return _invalid_utf8(source, what)
    message = f"{what} contains NUL characters; the file is damaged or UTF-16: write it again as UTF-8."
    return Rejected(Code.NUL_BYTES, message, part=source, at=at)


def _invalid_utf8(source: bytes, what: str) -> Rejected | None:
    try:
        source.decode()
    except UnicodeDecodeError as error:
        message = f"{what} is not valid UTF-8 at byte {error.start + 1}; write the file again as UTF-8."
        return Rejected(Code.INVALID_UTF8, message, part=source, at=error.start)
    return None


def _second_opinion(source: str | bytes, what: str) -> Rejected | None:
    try:
        decoded = json.loads(source, parse_constant=_NotFinite)
    except (ValueError, RecursionError):
        return None
    return _unstorable(decoded, source, what)


def _unstorable(decoded: Any, source: str | bytes, what: str) -> Rejected | None:
    """Look for the value that Python's decoder lets pass. A stack, as the sender chooses the depth."""
    stack: list[tuple[str, Any]] = [("", decoded)]
    while stack:
        key, value = stack.pop()
        if isinstance(value, _NotFinite):
            message = f"{shown(key)} is {value}, which is not a number; correct the value or ask the model again."
            return Rejected(Code.INVALID_NUMBER, message, field=key, part=source)
        if isinstance(value, str) and (half := _SURROGATE.search(value)):
            message = f"{shown(key)} in {_lowered(what)} holds half a character ({shown(half[0])}, a lone surrogate), "
            message += "which cannot be stored; correct the text or ask the model again."
            return Rejected(Code.LONE_SURROGATE, message, field=key, part=source)
        if isinstance(value, dict):
            stack.extend((name, name) for name in value)
            stack.extend(value.items())
        elif isinstance(value, list):
            stack.extend((key, item) for item in value)
    return None


def _malformed(source: str | bytes, error: Exception, what: str) -> Rejected:
    reason = str(error)
    if "truncated" in reason:
        return truncated(source, what)
    position = _POSITION.search(reason)
    message = f"{what} is not valid JSON ({reason.removeprefix('JSON is malformed: ')}); correct it or ask again."
    at = _index(source, int(position[1])) if position else None
    return Rejected(Code.MALFORMED_JSON, message, part=source, at=at)


def _index(source: str | bytes, position: int) -> int:
    """The decoder counts bytes; an excerpt of text is cut by characters."""
    if isinstance(source, bytes) or source.isascii():
        return position
    return len(source.encode("utf-8", "replace")[:position].decode("utf-8", "ignore"))


def _in_words(types: str) -> str:
    """`int | str | null`, as the decoder names types, in words; nobody is asked to write a null."""
    names = [name for name in types.split(" | ") if name != "null"] or ["null"]
    return " or ".join(_KINDS.get(name, name) for name in names)


def _lowered(what: str) -> str:
    return what[0].lower() + what[1:]
