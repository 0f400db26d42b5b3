"""What an HTTP answer means to whoever sends at most once."""

from __future__ import annotations

from contextlib import suppress

from monitoring.channels.outcome import NotTaken
from monitoring.channels.safe_request import Answer

PASSES = {408, 425, 429}  # besides 500 and above: a later try may do better
MOST_AFTER = 3600.0
MOST_TOLD = 200


def taken(answer: Answer) -> Answer:
    """The answer itself if it says that it was taken, NotTaken otherwise. Any other answer says it was not."""
    if answer.taken:
        return answer
    told = " ".join(answer.body.split())[:MOST_TOLD]
    raise NotTaken(
        f"The answer was {answer.status}{f': {told}' if told else ''}",
        retryable=answer.status >= 500 or answer.status in PASSES,
        after=_asked_to_wait(answer),
    )


def _asked_to_wait(answer: Answer) -> float:
    with suppress(ValueError):
        return min(max(float(answer.headers.get("retry-after", "")), 0.0), MOST_AFTER)
    return 0.0
