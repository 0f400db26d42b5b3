"""Error path only: the sentence for fields the model left out, naming keys it may have misspelt instead."""

import difflib
from collections.abc import Collection, Sequence

import msgspec

from batches.formats.model_json import decode_object
from batches.formats.rejection import Code, Rejected, shown

_KEYS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_MAX_KEYS, _MAX_KEY_CHARS = 20, 40


def missing_fields(text: str, missing: Sequence[str], known: Collection[str]) -> Rejected:
    """`missing` is not empty; `known` are all names the answer may use."""
    keys = decode_object(text, _KEYS)
    unknown = [key for key in list(keys)[: 5 * _MAX_KEYS] if key not in known and len(key) <= _MAX_KEY_CHARS]
    names = ", ".join(f"`{name}`" for name in missing)
    message = f"{names} {'are' if len(missing) > 1 else 'is'} missing"
    if lookalikes := _lookalikes(missing, unknown[:_MAX_KEYS]):
        message += f"; the answer has {lookalikes}, did the model misspell it?"
    elif any(name in keys for name in missing):
        message += " (null); read the image again or fill it in."
    elif unknown and len(unknown) == len(keys):
        message += f"; the answer has only {', '.join(shown(key) for key in unknown[:5])}, was the question another?"
    else:
        message += "; read the image again or fill it in."
    return Rejected(Code.MISSING_FIELD, message, field=missing[0], part=text)


def _lookalikes(missing: Sequence[str], unknown: Sequence[str]) -> str:
    by_lower = {key.lower(): key for key in unknown}
    found = (difflib.get_close_matches(name, by_lower, n=1) for name in missing)
    return ", ".join(shown(by_lower[match]) for matches in found for match in matches)
