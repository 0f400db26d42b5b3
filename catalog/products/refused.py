"""What the products' verbs raise when somebody asked for what cannot be done. Nothing was changed then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from catalog.products.differences import Difference


class Refused(Exception):
    """In sentences: what was wrong, and what to do instead. `fields` has them by field, '' for none of them."""

    def __init__(self, sentence: str = "", *, fields: Mapping[str, str] | None = None) -> None:
        self.fields = dict(fields or {"": sentence})
        super().__init__(" ".join(self.fields.values()))


class ChangedMeanwhile(Exception):
    """Somebody else saved the product since it was opened. `version` is what it has now."""

    def __init__(self, version: int, differences: Sequence[Difference]) -> None:
        self.version, self.differences = version, list(differences)
        names = ", ".join(difference.field for difference in differences)
        super().__init__(f"It was changed meanwhile, and has version {version} now. Different: {names or 'nothing'}.")
