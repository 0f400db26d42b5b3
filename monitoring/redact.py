"""What must not stand in a log line: secrets, and what belongs to people. Told by a field's name, or by its looks.

A log leaves the house (CloudWatch, a vendor, a ticket), and nobody can take a line back. So a value that may be a
secret is left out even where it is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

LEFT_OUT = "[left out]"
MOST_CHARS = 20_000
MOST_DEEP = 5

# Names whose values are left out whole, however they are nested. `args` and `kwargs` are a task's, `data` of which
# Celery logs; the rest of the second line are a receipt's.
SECRET_NAMES = re.compile(
    r"(?i)passw|passphrase|secret|token|cookie|authorization|api_?key|access_?key|private_?key|credential|signature"
    r"|^(args|kwargs|argsrepr|kwargsrepr|session|sessionid|salt|dsn|body|raw|payload|headers|params|result|return_value)$"
    r"|^(merchant|amount|total|description|memo|note|items|text|e?_?mail|recipients?|address|phone|username|password)$"
)

_NAMES = (
    r"passw(?:or)?d|pwd|passphrase|secret(?:[_-]?(?:access[_-]?)?key)?|token|api[_-]?key|(?:aws_)?access[_-]?key(?:[_-]?id)?"
    r"|client[_-]?secret|session(?:id|[_-]?token)?|x-amz-(?:signature|credential|security-token)|awsaccesskeyid|signature|\bsig"
)
RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        # Rows' values in PostgreSQL's own words.
        (r"(?i)(Key \([^)]*\))=\((?:[^()]|\([^)]*\))*\)", r"\1=(" + LEFT_OUT + ")"),
        (r"(?is)(Failing row contains )\(.*?\)(?=\.?\s*(?:\n|$))", r"\1(" + LEFT_OUT + ")"),
        (r"(?s)(COPY \w+, line \d+(?:, column \w+)?: ).*", r"\1" + LEFT_OUT),
        (r"(?is)((?:full )?contents of the message (?:body|headers) (?:was|were):).*", r"\1 " + LEFT_OUT),
        # Who signs in, and where.
        (r"(?i)\b([a-z][a-z0-9+.-]{0,20}://)[^/\s@'\"]{0,500}@", r"\1" + LEFT_OUT + "@"),
        (r"(?i)(hooks\.slack(?:-gov)?\.com/)[^\s'\"]+", r"\1" + LEFT_OUT),
        (r"(?i)\b(bearer|basic|digest|negotiate)\s+[A-Za-z0-9+/=._~-]{6,}", r"\1 " + LEFT_OUT),
        (r"(?i)(\bauthorization\b['\"]?\s*[:=]\s*['\"]?)(?!\[|bearer |basic )[^\s'\",;]+", r"\1" + LEFT_OUT),
        (r"(?i)(\b(?:set-)?cookie\b['\"]?\s*[:=]\s*)[^\n]+", r"\1" + LEFT_OUT),
        (rf"(?i)((?:{_NAMES})['\"]?\s*[=:]\s*)(?:'[^']*'|\"[^\"]*\"|(?!\[left)[^\s'\",;&)}}\]]+)",
         r"\1" + LEFT_OUT),
        (r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b", LEFT_OUT),
        (r"\bwhsec_[A-Za-z0-9+/=]+", LEFT_OUT),
        (r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*", LEFT_OUT),
        (r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", LEFT_OUT),
        # People. A worker is called name@host as well, and who it was has to be told.
        (r"(?!(?:celery|nightshelf)@)(?:(?<![\w.+-])|(?<=[\w.+-]{64}))[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}",
         LEFT_OUT),
        # A line of a result file, whoever quotes it.
        (r'(?s)(\{\s*\\?["\'](?:recordId|modelInput|modelOutput|customData)\\?["\']\s*:).*', r"\1 " + LEFT_OUT),
    )
)  # fmt: skip
QUOTED = re.compile(r"""(?<![\w\\])(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")""")


PLAIN = re.compile(r"[a-z0-9_]{0,64}")  # most of what is logged: events, states, ids


def redacted(text: str) -> str:
    if PLAIN.fullmatch(text):
        return text
    text = text if len(text) <= MOST_CHARS else f"{text[:MOST_CHARS]}…"
    for pattern, put in RULES:
        text = pattern.sub(put, text)
    return text


def redacted_error(text: str) -> str:
    """Of an exception's own words: what they quote is somebody's data."""
    return redacted(QUOTED.sub("'…'", redacted(text)))


def redacted_traceback(text: str) -> str:
    """Lines of code as they are, which quote nothing but themselves; the exceptions' words as above."""
    lines = [line if line.startswith((" ", "Traceback ")) else QUOTED.sub("'…'", line) for line in text.splitlines()]
    return redacted("\n".join(lines))


def redacted_fields(fields: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    return {name: LEFT_OUT if _secret(name, value) else _value(value, depth) for name, value in fields.items()}


def _secret(name: str, value: Any) -> bool:
    # A figure is no text of anybody's, whatever it is called: the number of tokens, the total of lines.
    return not isinstance(value, int | float | bool | None) and bool(SECRET_NAMES.search(str(name)))


def _value(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, int | float | bool | None):
        return value
    if depth >= MOST_DEEP:
        return LEFT_OUT
    if isinstance(value, Mapping):
        return redacted_fields(value, depth + 1)
    if isinstance(value, list | tuple | set | frozenset):
        return [_value(one, depth + 1) for one in value]
    return redacted(str(value))
