"""The one exception of the letters' verbs for what a person asked and cannot have."""

from __future__ import annotations


class Refused(Exception):
    """In a sentence: what was wrong, and what to do instead. Nothing was changed."""
