"""The JSON object inside a model's text: bare, inside ``` fences, or between sentences."""

import re
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from batches.formats import diagnosis
from batches.formats.rejection import Code, Rejected

T = TypeVar("T")

_WHAT = "The model's answer"
# Possessive, and an unterminated string runs to the end: every character is looked at once whatever the text.
_STRING_OR_BRACE = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[{}]', re.DOTALL)
_SYNTAX = (UnicodeError, RecursionError, msgspec.DecodeError)


def decode_object(text: str, decoder: msgspec.json.Decoder[T], *, cut_off: bool = False) -> T:
    """Decode the one object in `text`; raises `Rejected`. `cut_off`: the model ran out of tokens writing it.

    The slice from the first to the last brace is right for a bare, a fenced and a wrapped object alike, whatever
    is around it. Only when that does not decode is the text searched brace by brace.
    """
    begin = text.find("{")
    end = text.rfind("}") + 1
    if begin < 0 or end <= begin:
        raise _nothing_found(text, begin >= 0, cut_off)
    # A brace behind the last closing one is the start of something that never ended: not the plain case.
    if text.find("{", end) < 0:
        candidate = text[begin:end]
        try:
            return decoder.decode(candidate)
        except msgspec.ValidationError as error:
            raise diagnosis.wrong_type(error, candidate, _WHAT) from error
        except _SYNTAX as error:
            refused = candidate, error
    else:
        refused = None
    return _search(text, begin, decoder, cut_off, refused)


def _search(
    text: str,
    begin: int,
    decoder: msgspec.json.Decoder[T],
    cut_off: bool,
    refused: tuple[str, Exception] | None,
) -> T:
    """The only one among the text's outermost braces that is JSON ("use {braces}: {…} and {so on}")."""
    found: list[T] = []
    for candidate in _outermost(text, begin):
        if candidate is None:
            raise _never_closed(text, cut_off, refused)
        try:
            found.append(decoder.decode(candidate))
        except msgspec.ValidationError as error:
            raise diagnosis.wrong_type(error, candidate, _WHAT) from error
        except _SYNTAX as reason:
            refused = refused or (candidate, reason)
        if len(found) > 1:
            raise _several(text)
    if found:
        return found[0]
    raise diagnosis.undecodable(*(refused or (text, ValueError("no object in it"))), _WHAT)


def _outermost(text: str, begin: int) -> Iterator[str | None]:
    """Each balanced {…}, then None if the last never closes. Looks at everything once: linear time."""
    depth = 0
    for token in _STRING_OR_BRACE.finditer(text, begin):
        brace = token[0]
        if brace == "{":
            if depth == 0:
                begin = token.start()
            depth += 1
        elif brace == "}" and depth:
            depth -= 1
            if depth == 0:
                yield text[begin : token.end()]
    if depth:
        yield None


def _nothing_found(text: str, opened: bool, cut_off: bool) -> Rejected:
    if opened or cut_off:
        return _never_closed(text, cut_off, None)
    message = "The model's answer holds no JSON object; read the excerpt and ask the model again for JSON only."
    return Rejected(Code.NO_JSON_IN_ANSWER, message, part=text)


def _never_closed(text: str, cut_off: bool, refused: tuple[str, Exception] | None) -> Rejected:
    if cut_off:
        message = "The model ran out of tokens (max_tokens) in the middle of its JSON; raise the limit and run again."
        return Rejected(Code.ANSWER_CUT_OFF, message, part=text, at=max(0, len(text) - 200))
    if refused is not None and "truncated" not in str(refused[1]):
        # A stray quote makes an object look endless; the decoder knows better where it went wrong.
        return diagnosis.undecodable(*refused, _WHAT)
    return diagnosis.truncated(text, _WHAT)


def _several(text: str) -> Rejected:
    message = "The model's answer holds more than one JSON object, and choosing would be guessing; ask for one."
    return Rejected(Code.SEVERAL_OBJECTS, message, part=text)
