from __future__ import annotations


class Refused(Exception):
    """What is wrong with what was asked or sent, and what to do: a sentence for the person at the page."""
