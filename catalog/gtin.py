"""Barcodes as GS1 numbers goods: GTINs of 8, 12, 13 or 14 digits, the last of which checks the others.

https://www.gs1.org/services/how-calculate-check-digit-manually
"""

from __future__ import annotations

LENGTHS = (8, 12, 13, 14)


def check_digit(body: str) -> str:
    """The digit that belongs behind `body`: from the right, digits count three times and once in turn."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def fault(code: str) -> str:
    """A sentence that says what is wrong with a barcode and what to do, '' when nothing is."""
    if wrong := next((char for char in code if char not in "0123456789"), ""):
        return f"A barcode has digits only, and this one has {wrong!r} in it: take it out."
    if len(code) not in LENGTHS:
        return (
            f"A barcode has 8, 12, 13 or 14 digits, and this one has {len(code)}: look whether one is missing, or typed"
            " twice."
        )
    if (expected := check_digit(code[:-1])) != code[-1]:
        return (
            f"The last digit checks the others: behind {code[:-1]} it has to be {expected}, not {code[-1]}. Compare the"
            " digits with the label."
        )
    return ""
