from __future__ import annotations


class Refused(ValueError):
    """It cannot be done as things stand; the message says why, in a sentence."""
