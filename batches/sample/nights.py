"""The sample's nights: for each, its job, its images and its result file, and what the rows must come to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from batches.layout import MANIFEST, result_key
from batches.sample.dialects import DIALECTS, SOURCE_MODEL, request
from batches.sample.receipts import receipt, spoilt

LAST_NIGHT = date(2026, 11, 19)
USERS = ("tanaka", "suzuki", "sato", "watanabe", "ito", "device-7f3a91c2", "device-0b44de18", "ephemeral-52c9")
ERRORS = (
    (400, "ValidationException: The image could not be decoded."),
    (429, "ThrottlingException: Too many tokens, please wait before trying again."),
    (500, "InternalServerException: The system encountered an unexpected error during processing."),
)
ERROR_SHARE, MALFORMED_SHARE = 0.02, 0.01
REPEATED = 3  # receipts a night that the result file contains twice


@dataclass(frozen=True)
class Image:
    image_id: str
    user_id: str
    key: str
    trace_id: str
    lost: bool = False  # somebody deleted it by day: it is read, and cannot be moved


@dataclass
class Night:
    """One job, complete: `lines` is the file, the counters say what must come of it."""

    job_id: str
    model_id: str
    images: list[Image]
    lines: list[str] = field(default_factory=list)
    errors: int = 0
    dead: int = 0
    repeated: int = 0
    good: list[Image] = field(default_factory=list)

    @property
    def lost(self) -> int:
        return sum(image.lost for image in self.images)

    @property
    def intent_id(self) -> str:
        return f"intent-{self.job_id}"

    @property
    def result_key(self) -> str:
        return result_key(self.job_id, "receipts.jsonl.out")

    @property
    def manifest_key(self) -> str:
        return result_key(self.job_id, MANIFEST)

    @property
    def rows(self) -> int:
        return len(self.lines) - self.dead - self.repeated

    def results(self) -> bytes:
        return "".join(f"{line}\n" for line in self.lines).encode()

    def manifest(self) -> bytes:
        total = len(self.images)
        counts = {"totalRecordCount": total, "processedRecordCount": total, "errorRecordCount": self.errors}
        tokens = {"inputTokenCount": 812 * total, "outputTokenCount": 96 * total}
        return json.dumps(counts | {"successRecordCount": total - self.errors} | tokens).encode()


def nights(receipts: int) -> Iterator[Night]:
    """`receipts` receipts over as many nights as there are dialects."""
    models = [*DIALECTS, SOURCE_MODEL]
    share, rest = divmod(receipts, len(models))
    for index, model_id in enumerate(models):
        day = LAST_NIGHT - timedelta(days=len(models) - 1 - index)
        night = _night(day, model_id, share + (index < rest))
        if index == len(models) - 1:
            _lose_one(night)
        yield night


def _lose_one(night: Night) -> None:
    """An image of the last night's is deleted by day: its receipt is read, and its move fails, for all to see."""
    if night.good:
        at = night.images.index(night.good[0])
        night.images[at] = replace(night.images[at], lost=True)


def _night(day: date, model_id: str, count: int) -> Night:
    job_id = f"night-{day}"
    random = Random(job_id)  # noqa: S311 - the same sample each time is the point
    night = Night(job_id, model_id, [_image(random, job_id, day, number) for number in range(count)])
    good = []
    for image in night.images:
        answer, dead = receipt(random, day), night.dead
        night.lines.append(_line(random, night, image, answer))
        if night.dead == dead:
            good.append((image, answer))
    night.good = [image for image, _ in good]
    # A batch that was resumed repeats records: the later line holds.
    for image, answer in random.sample(good, min(REPEATED, len(good))):
        night.lines.append(_answered(night.model_id, image, answer | {"description": "再読取"}))
        night.repeated += 1
    return night


def _image(random: Random, job_id: str, day: date, number: int) -> Image:
    image_id = f"img-{hashlib.sha256(f'{job_id}/{number}'.encode()).hexdigest()[:16]}"
    user_id = random.choice(USERS)
    key = f"uploads/{user_id}/{day:%Y%m%d}T{9 + number % 12:02d}{number % 60:02d}00-{image_id}.png"
    return Image(image_id, user_id, key, f"{random.getrandbits(128):032x}")


def _line(random: Random, night: Night, image: Image, answer: dict[str, Any]) -> str:
    chance = random.random()
    if chance < ERROR_SHARE:
        night.errors += 1
        night.dead += 1
        return _failed(random, image)
    if chance < ERROR_SHARE + MALFORMED_SHARE:
        night.dead += 1
        bad = spoilt(random, answer)
        line = _answered(night.model_id, image, bad)
        return line[: int(len(line) * 0.8)] if random.random() < 0.1 else line
    return _answered(night.model_id, image, answer)


def _failed(random: Random, image: Image) -> str:
    code, message = random.choice(ERRORS)
    error = {"errorCode": code, "errorMessage": message}
    return json.dumps({"recordId": image.image_id, "modelInput": request(image.key), "error": error})


def _answered(model_id: str, image: Image, answer: dict[str, Any] | str) -> str:
    text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    if model_id == SOURCE_MODEL:
        line: dict[str, Any] = {"customData": image.image_id, "output": {"text": text}}
    else:
        output = DIALECTS[model_id](text)
        line = {"recordId": image.image_id, "modelInput": request(image.key), "modelOutput": output}
    return json.dumps(line, ensure_ascii=False)
