"""Result lines for the tests, as a batch would write them."""

import json
from pathlib import Path
from typing import Any

LINES = Path(__file__).parents[2] / "data" / "lines"
ANSWER: dict[str, Any] = {
    "amount": 1280,
    "type": "expense",
    "date": "2026-02-03",
    "merchant": "セブンイレブン 渋谷店",
    "category": "purchase",
    "description": "コピー用紙",
    "extractedAt": "2026-02-03T04:05:06Z",
}


def fixture_lines(dialect: str) -> list[bytes]:
    return (LINES / f"{dialect}.jsonl").read_bytes().splitlines()


def answer(**changes: Any) -> str:
    """The model's JSON; a change to `...` takes the field away."""
    return json.dumps({key: value for key, value in (ANSWER | changes).items() if value is not ...})


def line(text: str, record_id: Any = "image-0001", stop: str = "end_turn", **more: Any) -> bytes:
    """A Nova line with the given text; `more` are further keys of the line."""
    output = {"output": {"message": {"role": "assistant", "content": [{"text": text}]}}, "stopReason": stop}
    return json.dumps({"recordId": record_id, "modelOutput": output} | more).encode()
