"""The result files that are measured: Nova's layout, deterministic, made once under var/bench/storage."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from benchmarks.place import STORAGE

JOB = "bench"
USER = "team"
WIDE_BYTES = 300_000
_BLOCK = 10_000

_MERCHANTS = (
    "メルカリ", "業務スーパー 中野店", "コストコ 幕張倉庫店", "日本郵便 中野郵便局", "ヤマト運輸", "ダイソー 高円寺店",
    "三菱UFJ銀行", "Stripe Japan", "セブン-イレブン 高円寺南店", "Amazon.co.jp", "ユザワヤ 吉祥寺店", "スターバックス",
)  # fmt: skip
_THINGS = (
    "古着 ワンピース",
    "リネン生地 3m",
    "Linen shirt",
    "ゆうパック 60サイズ",
    "封筒 50枚",
    "振込手数料",
    "Cotton yarn",
)
_CATEGORIES = ("sale", "purchase", "shipping", "packaging", "fee", "other")
_PROMPT = "Read this receipt."


def receipts(count: int) -> Path:
    """`count` lines of about 650 bytes, 2 % of them no record: refused by AWS, a bad day, a truncated answer."""
    return _made(f"lines-{count}.jsonl", lambda: _blocks(count, _receipt))


def wide(total: int) -> Path:
    """About `total` bytes of lines of 300 kB: the request is repeated with its image in base64."""
    return _made(f"wide-{total}.jsonl", lambda: _blocks(max(1, total // WIDE_BYTES), _wide, size=50))


def again(path: Path) -> Path:
    """The same content under another key of the same job."""
    other = path.with_name(f"again-{path.name}")
    if not other.exists():
        other.hardlink_to(path)
    return other


def _made(name: str, blocks: Callable[[], Iterator[str]]) -> Path:
    path = STORAGE / "batch-output" / JOB / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{name}.partial")
        with partial.open("w", encoding="utf-8") as file:
            file.writelines(blocks())
        partial.rename(path)
    return path


def _blocks(count: int, line: Callable[[int, Random], str], size: int = _BLOCK) -> Iterator[str]:
    random = Random(count)  # the same file each time is the point
    for begin in range(0, count, size):
        yield "".join(line(number, random) for number in range(begin, min(begin + size, count)))


def _receipt(number: int, random: Random) -> str:
    dice = random.random()
    image = f"img-{hashlib.sha256(b'%d' % number).hexdigest()[:16]}"
    head = (
        f'{{"recordId": "{image}", "modelInput": {{"messages": [{{"role": "user", "content": [{{"image":'
        f' {{"format": "png", "source": {{"s3Location": {{"uri": "s3://nightshelf/team/{image}.png"}}}}}}}},'
        f' {{"text": "{_PROMPT}"}}]'
        '}], "inferenceConfig": {"maxTokens": 512}}, '
    )
    if dice < 0.01:
        return head + '"error": {"errorCode": 400, "errorMessage": "ValidationException: The image has no text."}}\n'
    return head + _answer(_said(number, dice, random))


def _said(number: int, dice: float, random: Random) -> str:
    day = "2026-02-30" if dice < 0.015 else f"2026-{1 + number % 10:02d}-{1 + int(dice * 28):02d}"
    category = int(dice * 6e6) % 6
    said = (
        f'{{\\"amount\\": {int(50 * 1000 ** random.random())}, \\"type\\": \\"{"expense" if category else "income"}\\",'
        f' \\"date\\": \\"{day}\\", \\"merchant\\": \\"{_MERCHANTS[int(dice * 12e6) % 12]}\\",'
        f' \\"category\\": \\"{_CATEGORIES[category]}\\", \\"description\\": \\"{_THINGS[number % 7]}\\",'
        f' \\"extractedAt\\": \\"2026-11-15T{15 + number % 5}:{number % 60:02d}:{int(dice * 60):02d}Z\\"}}'
    )
    return said[:90].removesuffix("\\") if 0.015 <= dice < 0.02 else said


def _answer(said: str) -> str:
    return (
        f'"modelOutput": {{"output": {{"message": {{"role": "assistant", "content": [{{"text": "{said}"}}]}}}},'
        ' "stopReason": "end_turn", "usage": {"inputTokens": 812, "outputTokens": 96}}}\n'
    )


def _wide(number: int, random: Random) -> str:
    image = base64.b64encode(random.randbytes((WIDE_BYTES - 600) * 3 // 4)).decode()
    return (
        f'{{"recordId": "wide-{number:08d}", "modelInput": {{"messages": [{{"role": "user", "content": [{{"image":'
        f' {{"format": "png", "source": {{"bytes": "{image}"}}}}}}, {{"text": "{_PROMPT}"}}]}}]}}, '
    ) + _answer(_said(number, 0.02 + 0.98 * random.random(), random))
