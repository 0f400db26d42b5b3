"""Fields the models share."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import TextChoices


class HexField(models.Field):  # type: ignore[type-arg]
    """An identity written in hexadecimal, kept as bytes: half the size in the table and in each index.

    `length` is the number of hex characters. Text that is not such an identity raises ValidationError; a look-up by
    it therefore never reaches the database.
    """

    def __init__(self, *args: Any, length: int, **kwargs: Any) -> None:
        self.length = length
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, list(args), {**kwargs, "length": self.length}

    def db_type(self, connection: Any) -> str:
        return "bytea"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else bytes(value).hex()

    def to_python(self, value: Any) -> str | None:
        if value is None or value == "":
            return None
        text = str(value).lower()
        if len(text) != self.length or text.strip("0123456789abcdef"):
            raise ValidationError(f"{value!r} is not an id of {self.length} hexadecimal characters.")
        return text

    def get_prep_value(self, value: Any) -> bytes | None:
        if isinstance(value, (bytes, memoryview)):
            return bytes(value)  # a foreign key's look-up by several values prepares each of them twice
        text = self.to_python(super().get_prep_value(value))
        return None if text is None else bytes.fromhex(text)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return value if prepared else self.get_prep_value(value)

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj) or "")


def one_of(field: str, choices: type[TextChoices], name: str) -> models.CheckConstraint:
    """The database refuses a state that does not exist."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": choices.values}), name=name)
