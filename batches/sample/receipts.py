"""What is printed on the sample's receipts."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple


class Trade(NamedTuple):
    """What a small shop buys and sells in one category: the amounts in yen, where, and what."""

    category: str
    type: str
    least: int
    most: int
    merchants: tuple[str, ...]
    things: tuple[str, ...]


TRADES = (
    Trade(
        "sale", "income", 480, 24_000,
        ("メルカリ", "BASE", "Yahoo!フリマ", "Creema", "minne"),
        ("古着 ワンピース", "ハンドメイド ピアス", "文庫本セット", "Linen shirt"),
    ),
    Trade(
        "purchase", "expense", 300, 60_000,
        ("業務スーパー 中野店", "コストコ 幕張倉庫店", "ユザワヤ 吉祥寺店", "東急ハンズ 渋谷店", "Amazon.co.jp"),
        ("リネン生地 3m", "ビーズ材料", "仕入れ 雑貨一式", "Cotton yarn"),
    ),
    Trade(
        "shipping", "expense", 210, 2_400,
        ("日本郵便 中野郵便局", "ヤマト運輸", "佐川急便"),
        ("ゆうパック 60サイズ", "クリックポスト", "宅急便コンパクト"),
    ),
    Trade(
        "packaging", "expense", 110, 5_200,
        ("ダイソー 高円寺店", "シモジマ 浅草橋店", "セリア"),
        ("封筒 50枚", "プチプチ 10m", "Kraft boxes"),
    ),
    Trade(
        "fee", "expense", 50, 3_000,
        ("メルカリ 手数料", "三菱UFJ銀行", "Stripe Japan"),
        ("販売手数料", "振込手数料", "Card processing"),
    ),
    Trade(
        "other", "expense", 120, 9_800,
        ("セブン-イレブン 高円寺南店", "ファミリーマート", "JR東日本", "スターバックス"),
        ("コピー代", "打ち合わせ コーヒー", "電車代"),
    ),
)  # fmt: skip
WEIGHTS = (24, 22, 20, 12, 12, 10)
IN_JAPANESE = {
    "sale": "売上",
    "purchase": "仕入",
    "shipping": "送料",
    "packaging": "梱包",
    "fee": "手数料",
    "other": "その他",
}


def receipt(random: Random, night: date) -> dict[str, Any]:
    """One receipt of the days before `night`, as a model that reads well would answer it."""
    trade = random.choices(TRADES, weights=WEIGHTS)[0]
    amount = int(trade.least * (trade.most / trade.least) ** random.random())
    return {
        "amount": _as_printed(random, amount),
        "type": trade.type,
        "date": (night - timedelta(days=random.choice((0, 0, 0, 1, 1, 2, 5)))).isoformat(),
        "merchant": random.choice(trade.merchants),
        "category": IN_JAPANESE[trade.category] if random.random() < 0.05 else trade.category,
        "description": random.choice(trade.things),
        "extractedAt": f"{night}T{random.randint(15, 19)}:{random.randint(0, 59):02d}:{random.randint(0, 59):02d}Z",
    }


def spoilt(random: Random, receipt: dict[str, Any]) -> dict[str, Any] | str:
    """The same receipt, as a model that reads badly answers it: text instead of an object, or a wrong field."""
    year, month, day = receipt["date"].split("-")
    return random.choice(
        (
            receipt | {"date": f"{day}/{month}/{year}"},
            receipt | {"date": f"{year}-02-30"},
            receipt | {"amount": 0},
            receipt | {"amount": "1.280,50"},
            receipt | {"category": random.choice(("furniture", "交際費"))},
            receipt | {"merchant": " "},
            {key: value for key, value in receipt.items() if key != "amount"},
            "I'm sorry, the photograph is too blurred to read the total.",
        )
    )


def _as_printed(random: Random, amount: int) -> int | str:
    return random.choices((amount, f"¥{amount:,}", f"{amount:,}円"), weights=(90, 6, 4))[0]
