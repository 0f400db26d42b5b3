"""What a product is called by, as a line may write it."""

import re

from batches.formats.rejection import Code, Rejected, shown

MAX_SKU_CHARS = 64
_SKU = re.compile(r"[!-~]{1,64}")


def parse_sku(value: str, field: str) -> str:
    """The SKU without blanks at its ends; raises `Rejected`. Up to 64 printable ASCII characters, no blanks."""
    sku = value.strip()
    if _SKU.fullmatch(sku):
        return sku
    if len(sku) > MAX_SKU_CHARS:
        problem = f"has {len(sku):,} characters, more than the {MAX_SKU_CHARS} allowed"
    else:
        problem = "is not a SKU: letters, digits and signs of ASCII, without blanks" if sku else "is empty"
    raise Rejected(Code.INVALID_SKU, f"The SKU {shown(sku)} {problem}; correct it.", field=field, part=value)
