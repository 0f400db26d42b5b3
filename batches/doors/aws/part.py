"""What the parts share: what a part is, and how two things are compared."""

from __future__ import annotations

import json
from typing import Any, Protocol


class Refused(Exception):
    """Carrying on would damage what is another's; the text says what to do."""


class Part(Protocol):
    def differences(self) -> list[str]:
        """A sentence for each thing that is not as it should be; none when there is nothing to do."""

    def put(self) -> None:
        """Make it so. Changes only what differs."""


def differing(what: str, is_: dict[str, str], should: dict[str, str]) -> list[str]:
    """Values that are JSON are compared as what they say, not as they are written."""
    return [
        f"{what}: {name} is {is_.get(name, 'not set')}, should be {value}."
        for name, value in should.items()
        if not _same(is_.get(name), value)
    ]


def _same(one: str | None, other: str) -> bool:
    return one is not None and _said(one) == _said(other)


def _said(value: str) -> Any:
    try:
        said = json.loads(value)
    except ValueError:
        return value
    # RedrivePolicy: AWS takes maxReceiveCount as text and as a number, and answers with either.
    return {name: str(part) for name, part in said.items()} if isinstance(said, dict) else said


def with_statement(policy: str, statement: dict[str, Any]) -> str:
    """The policy with our statement in it, in the place of an older one of its Sid."""
    found: dict[str, Any] = json.loads(policy) if policy else {"Version": "2012-10-17", "Statement": []}
    others = [other for other in found["Statement"] if other.get("Sid") != statement["Sid"]]
    return json.dumps({**found, "Statement": [*others, statement]})


def has_statement(policy: str, statement: dict[str, Any]) -> bool:
    return bool(policy) and statement in json.loads(policy)["Statement"]
