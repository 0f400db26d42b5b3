"""Which problem a message tells of: its particulars (values, numbers, ids, days, keys, positions) taken out. Pure.

Two letters are in one group when kind, reason, field and what is left of the message are equal. What a model or a
stranger wrote never gets into a pattern as it is, or each of their sentences would be a group of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

GAP, NUMBER = "…", "#"
MOST_CHARS = 300
MOST_WORDS = 8  # of a sentence the model's service wrote

# The names our own formats use for fields. Any other name was written by somebody else.
NAMES = frozenset({
    "amount", "type", "date", "merchant", "category", "description", "extractedAt", "imageId", "transactionId",
    "jobId", "userId", "ttl", "income", "expense", "recordId", "customData", "modelInput", "modelOutput", "output",
    "error", "errorCode", "errorMessage", "message", "content", "text", "results", "outputText", "completionReason",
    "generation", "stop_reason", "stopReason", "sku", "name", "price", "confidence", "quantity", "location",
})  # fmt: skip
CONFLICT_FIELDS = (
    "amount", "type", "date", "category", "extracted_at", "merchant", "description",
    "name", "price", "quantity", "confidence", "note",
)  # fmt: skip

# What follows one of these is a value, whatever it is called: "The category `amount` is unknown".
_BEFORE_VALUE = re.compile(r"(?:\bThe \w+|\bis|\bhas|\bonly|\bimage) $")
_QUOTED = re.compile(r"`([^`]*)`")
_VALUES = re.compile(f"`{GAP}`(?:, `[^`]*`)+")
_REPR = re.compile(r"""(?<!\w)(?:'(?:[^'\\]|\\.){2,}'|"(?:[^"\\]|\\.)*")""")
_PATH = re.compile(r"[^\s`(]+(?:://|/[^\s`/]*/)[^\s`]*")
# A word with a digit in it: a number, a day, an id, a host's name, a position. Not the full stop behind it.
_NUMBERED = re.compile(r"(?<![\w./:+-])(?!UTF-\d)[\w./:+-]*\d[\w/:%+-]*(?:[.,][\w/:+-]+)*")
_LONG = re.compile(r"[^\s`…#]{40,}")
_MODEL_SAID = re.compile(r"^(The model gave no answer for this record) \((.*)\); run", re.DOTALL)
_SERVICE_CODE = re.compile(r"(\d{3}|[A-Z][A-Za-z]{2,59})(?::|$)")
_DIFFERS = re.compile(rf"\b({'|'.join(CONFLICT_FIELDS)}): ['\"]")


class Problem(NamedTuple):
    """What makes letters one group; `fingerprint` is 8 bytes of it, in hexadecimal."""

    fingerprint: str
    kind: str
    code: str
    field: str
    pattern: str


def problem_of(kind: str, code: str, field: str, message: str, particulars: Iterable[str] = ()) -> Problem:
    """The problem of a letter. `particulars` are texts known to be of this one letter: its key, its job's id."""
    for particular in particulars:
        if particular:
            message = message.replace(particular, GAP)
    return _problem(str(kind), code, field, _QUOTED.sub(_name_or_gap, message))


# Once the values shown in a sentence are out, few different ones are left: a night's dead lines find theirs here.
@lru_cache(maxsize=4096)
def _problem(kind: str, code: str, field: str, message: str) -> Problem:
    field = _known_path(field)
    pattern = _pattern(kind, code, message)
    digest = blake2b("\0".join((kind, code, field, pattern)).encode("utf-8", "replace"), digest_size=8)
    return Problem(digest.hexdigest(), kind, code, field, pattern)


def _pattern(kind: str, code: str, message: str) -> str:
    if kind == "conflict":
        differing = set(_DIFFERS.findall(message))
        named = ", ".join(name for name in CONFLICT_FIELDS if name in differing) or GAP
        return f"A line differs from a row that a person has reviewed, in: {named}."
    if code == "model_error" and (said := _MODEL_SAID.match(message)):
        return f"{said[1]} ({_service_said(said[2])})."
    return _normalised(message)[:MOST_CHARS]


def _normalised(message: str) -> str:
    """The message without its other particulars: `…` for values and keys, `#` for whatever holds a digit."""
    text = _VALUES.sub(f"`{GAP}`", message)
    text = _LONG.sub(GAP, _REPR.sub(GAP, text))
    text = _PATH.sub(GAP, text)
    return " ".join(_NUMBERED.sub(NUMBER, text).split())


def _name_or_gap(quoted: re.Match[str]) -> str:
    """A name of ours stays, unless it stands where a value does."""
    if (path := _known_path(quoted[1])) != GAP and _BEFORE_VALUE.search(
        quoted.string, max(0, quoted.start() - 30), quoted.start()
    ):
        path = GAP
    return f"`{path}`"


def _known_path(path: str) -> str:
    """`modelOutput.content[0].text` without its positions; a path with a name that is none of ours is left out."""
    if path in NAMES:
        return path
    parts = re.sub(r"\[[^\]]*\]", "", path).split(".")
    return ".".join(parts) if path and NAMES.issuperset(parts) else GAP if path else ""


def _service_said(said: str) -> str:
    """An error of the model's service: its code, and the beginning of its sentence, which may name the record."""
    code = found[1] if (found := _SERVICE_CODE.match(said)) else ""
    words = _normalised(said[len(code) :].lstrip(": ").replace("`", "'")).split()
    told = " ".join(words[:MOST_WORDS]) + (f" {GAP}" if len(words) > MOST_WORDS else "")
    return ": ".join(filter(None, (code, told.lower())))
