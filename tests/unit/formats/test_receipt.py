"""A good line becomes exactly this receipt."""

from typing import Any

import pytest

from batches.formats.receipt import Receipt, parse_receipt
from batches.formats.rejection import Rejection
from tests.unit.formats.building import answer, line


def receipt(**changes: Any) -> Receipt:
    parsed = parse_receipt(line(answer(**changes)))
    assert isinstance(parsed, Receipt), parsed
    return parsed


def refused(**changes: Any) -> Rejection:
    parsed = parse_receipt(line(answer(**changes)))
    assert isinstance(parsed, Rejection), parsed
    assert parsed.record_id == "image-0001"
    return parsed


def test_every_field() -> None:
    assert receipt() == Receipt(
        image_id="image-0001",
        amount="1280.00",
        type="expense",
        date="2026-02-03",
        merchant="セブンイレブン 渋谷店",
        category="purchase",
        description="コピー用紙",
        extracted_at="2026-02-03T04:05:06Z",
    )


def test_the_models_ideas_about_identity_are_ignored() -> None:
    assert receipt(transactionId=1, jobId=[], userId=None, ttl="soon", imageId=None) == receipt()


@pytest.mark.parametrize("image_id", ["image-0001", " image-0001 ", "", None])
def test_an_answer_about_this_image(image_id: str | None) -> None:
    assert receipt(imageId=image_id).image_id == "image-0001"


@pytest.mark.parametrize("image_id", ["image-0002", "IMAGE-0001", 7])
def test_an_answer_about_another_image(image_id: str | int) -> None:
    rejection = refused(imageId=image_id)
    assert (rejection.code, rejection.field) == ("image_mismatch", "imageId")
    assert f"names image `{image_id}` but the record is `image-0001`" in rejection.message


def test_a_number_as_image_is_compared_by_its_digits() -> None:
    assert isinstance(parse_receipt(line(answer(imageId=7), record_id="7")), Receipt)


@pytest.mark.parametrize("value", ["income", "INCOME", " Income "])
def test_type(value: str) -> None:
    assert receipt(type=value).type == "income"


@pytest.mark.parametrize("value", ["", "revenue", "income/expense", "income\0"])
def test_unknown_type(value: str) -> None:
    rejection = refused(type=value)
    assert (rejection.code, rejection.field) == ("invalid_type", "type")
    assert "neither `income` nor `expense`" in rejection.message


@pytest.mark.parametrize(
    ("value", "category"),
    [(name, name) for name in ("sale", "purchase", "shipping", "packaging", "fee", "other")]
    + [("SALE", "sale"), (" Fee ", "fee")]
    + [("売上", "sale"), ("仕入", "purchase"), ("仕入れ", "purchase"), ("送料", "shipping"), ("配送料", "shipping")]
    + [("梱包", "packaging"), ("梱包材", "packaging"), ("手数料", "fee"), ("その他", "other"), (" その他　", "other")],
)
def test_category(value: str, category: str) -> None:
    assert receipt(category=value).category == category


@pytest.mark.parametrize("value", ["", "食費", "food", "sales", "sale,fee"])
def test_unknown_category(value: str) -> None:
    rejection = refused(category=value)
    assert (rejection.code, rejection.field) == ("unknown_category", "category")
    assert f"`{value}` is unknown" in rejection.message
    assert "sale, purchase, shipping, packaging, fee, other, 売上" in rejection.message


@pytest.mark.parametrize("day", ["2000-01-01", "2024-02-29", "2100-12-31"])
def test_date(day: str) -> None:
    assert receipt(date=day).date == day


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2026-02-30", "`2026-02-30` is not a day of the calendar"),
        ("2026-02-29", "is not a day of the calendar"),
        ("2026-13-01", "is not a day of the calendar"),
        ("0000-01-01", "is not a day of the calendar"),
        ("2026/02/03", "`2026/02/03` is not written YYYY-MM-DD"),
        ("20/11/2026", "is not written YYYY-MM-DD"),
        ("2026-2-3", "is not written YYYY-MM-DD"),
        ("20260203", "is not written YYYY-MM-DD"),
        ("2026-W05-1", "is not written YYYY-MM-DD"),
        ("2026-02-03T00:00:00Z", "is not written YYYY-MM-DD"),
        (" 2026-02-03", "is not written YYYY-MM-DD"),
        ("2026-02-03\n", "is not written YYYY-MM-DD"),
        ("２０２６-02-03", "is not written YYYY-MM-DD"),
        ("令和8年2月3日", "is not written YYYY-MM-DD"),
        ("", "is not written YYYY-MM-DD"),
        ("1999-12-31", "is not between 2000 and 2100"),
        ("2101-01-01", "is not between 2000 and 2100"),
    ],
)
def test_refused_date(day: str, told: str) -> None:
    for _ in range(2):  # a refusal must not be remembered as a success
        rejection = refused(date=day)
        assert (rejection.code, rejection.field) == ("invalid_date", "date")
        assert told in rejection.message


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-02-03T04:05:06Z", "2026-02-03T04:05:06Z"),
        ("2026-02-03T04:05:06.789+09:00", "2026-02-02T19:05:06.789000Z"),
        ("2026-02-03T04:05:06", "2026-02-03T04:05:06Z"),
        ("2026-02-03T13:05:06+09:00", "2026-02-03T04:05:06Z"),
        ("20260203T040506.000Z", "2026-02-03T04:05:06Z"),
        ("2026-02-03 04:05:06Z", "2026-02-03T04:05:06Z"),
        ("2026-02-03", "2026-02-03T00:00:00Z"),
        ("", ""),
        (None, ""),
        (..., ""),
    ],
)
def test_equal_moments_are_equal_text(text: Any, moment: str) -> None:
    assert receipt(extractedAt=text).extracted_at == moment


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30T00:00:00Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_refused_extracted_at(text: str) -> None:
    rejection = refused(extractedAt=text)
    assert (rejection.code, rejection.field) == ("invalid_timestamp", "extractedAt")
    assert f"`{text}` is not a time like" in rejection.message


def test_the_amount_goes_through_its_own_rules() -> None:
    assert receipt(amount="￥１，２８０").amount == "1280.00"
    assert parse_receipt(line('{"amount": 1280.10, ' + answer(amount=...)[1:])).amount == "1280.10"  # type: ignore[union-attr]
    rejection = refused(amount="1.280,50")
    assert (rejection.code, rejection.field) == ("invalid_amount", "amount")


def test_an_amount_is_never_a_float() -> None:
    source = answer(amount=...).replace("{", '{"amount": 1280.00000000000000001, ', 1)
    parsed = parse_receipt(line(source))
    assert isinstance(parsed, Rejection)
    assert "`1280.00000000000000001` has more than 2 decimals" in parsed.message
