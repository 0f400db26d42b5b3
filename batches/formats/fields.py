"""Checks of single values that every kind of answer has: text, days, points in time. All raise `Rejected`."""

import re
from datetime import UTC, date, datetime
from functools import cache

from batches.formats.rejection import Code, Rejected, shown

FIRST_YEAR, LAST_YEAR = 2000, 2100
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Everything below a space but tab, line feed and carriage return; DEL and the C1 block.
_STRIPPED = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def clean_text(value: str, field: str, limit: int) -> str:
    """The text without blanks at its ends and without control characters other than tabs and line breaks."""
    value = value.strip()
    # isprintable knows in one quick pass that there is neither NUL nor surrogate nor control character.
    if len(value) <= limit and value.isprintable():
        return value
    return _clean_slowly(value, field, limit)


def _clean_slowly(value: str, field: str, limit: int) -> str:
    if "\0" in value:
        message = f"`{field}` contains a NUL character, which the database cannot hold; remove it."
        raise Rejected(Code.NUL_BYTES, message, field=field, part=value, at=value.index("\0"))
    if _SURROGATE.search(value):
        message = f"`{field}` contains half a character (a lone surrogate), which cannot be stored; correct it."
        raise Rejected(Code.LONE_SURROGATE, message, field=field, part=value)
    value = _STRIPPED.sub("", value).strip()
    if len(value) > limit:
        message = f"`{field}` has {len(value):,} characters, more than the {limit:,} allowed; shorten it."
        raise Rejected(Code.TEXT_TOO_LONG, message, field=field, part=value)
    return value


# Only valid days are kept (a raise is not cached): at most 101 years of them, and a handful in any batch.
@cache
def parse_date(value: str, field: str = "date") -> str:
    """The same text, once it is known to be a real day written YYYY-MM-DD between 2000 and 2100."""
    if not _ISO_DATE.fullmatch(value):
        raise _not_a_date(value, field, "is not written YYYY-MM-DD (for example 2026-02-03)")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise _not_a_date(value, field, "is not a day of the calendar") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _not_a_date(value, field, f"is not between {FIRST_YEAR} and {LAST_YEAR}")
    return value


def parse_timestamp(value: str, field: str) -> str:
    """A point in time as `2026-02-03T04:05:06Z`, equal moments giving equal text. '' stays ''.

    Taken for UTC when the text names no zone (the source writes UTC), and turned to UTC at once: PostgreSQL refuses
    some of the offsets that ISO 8601 allows.
    """
    if not value:
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise _not_a_moment(value, field) from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise _not_a_moment(value, field)
    # Nearly all have 2026-02-03T04:05:06Z's signs in their places already, and what could be read as a moment has
    # digits between them. Writing a moment out takes longer than all else here.
    if len(value) == 20 and value[4::3] == "--T::Z":
        return value
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return f"{moment.isoformat()}Z"


def _not_a_date(value: str, field: str, problem: str) -> Rejected:
    message = f"The {field} {shown(value)} {problem}; compare it with the image and correct it."
    return Rejected(Code.INVALID_DATE, message, field=field, part=value)


def _not_a_moment(value: str, field: str) -> Rejected:
    message = f"`{field}` {shown(value)} is not a time like 2026-02-03T04:05:06Z "
    message += f"between {FIRST_YEAR} and {LAST_YEAR}; correct or remove it."
    return Rejected(Code.INVALID_TIMESTAMP, message, field=field, part=value)
