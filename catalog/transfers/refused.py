"""Why something is not done, in a sentence for whoever asked for it."""

from __future__ import annotations


class Refused(Exception):
    """Not now, or not in this way."""


class BadFile(Exception):
    """The file cannot be read as a file of products: what is wrong, where, and what to do."""


class BadCell(ValueError):
    """A cell that cannot be what its column holds."""
