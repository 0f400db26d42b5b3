"""Metric math is read by a grammar of our own choosing; what is not in it is refused in a sentence."""

from __future__ import annotations

import pytest

from monitoring.alarms.expression import BadExpression, Term, parse, statistic_of
from monitoring.alarms.points import needed_samples
from monitoring.metrics.summary import Summary


def _of(*values: float, failed: int = 0) -> Summary:
    summary = Summary()
    for place, value in enumerate(values):
        summary.add_value(value, failed=place < failed)
    return summary


FIGURES = {"a": _of(1, 2, 3, 6, failed=1), "b": Summary(count=8, errors=2)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a", 3.0),
        ("100 * errors(a) / count(a)", 25.0),
        ("100*(errors(a)+errors(b))/(count(a)+count(b))", 25.0),
        ("sum(a) / count(b)", 1.5),
        ("maximum(a) - minimum(a)", 5.0),
        ("-average(a) + 4", 1.0),
        ("minimum(a) * 2", 2.0),
        ("errors(b) / 0", None),
        ("1e200 * 1e200 * a", None),
        ("p50(b)", None),
        ("average(b) + 1", None),
    ],
)
def test_value(text: str, value: float | None) -> None:
    assert parse(text).value(FIGURES) == value


def test_without_data_there_is_no_value_rather_than_zero() -> None:
    assert parse("100 * errors(a) / count(a)").value({"a": Summary()}) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "cannot be read"),
        ("100 * errors(a", "cannot be read"),
        ("42", "no figure in it"),
        ("c + 1", "c is not known"),
        ("a ** 9999999", "not known here"),
        ("a // 2", "not known here"),
        ("a if a else b", "not known here"),
        ("errors(c)", "c is no series"),
        ("median(a)", "median is no statistic"),
        ("sum(a, b)", "has one series"),
        ("sum(a, key=b)", "has one series"),
        ("sum(sum(a))", "has one series"),
        ("__import__('os').system('true')", "not known here"),
        ("a.__class__", "not known here"),
        ("(lambda: a)()", "not known here"),
        ("[a for a in b]", "not known here"),
        ("'a' * 9", "not known here"),
        ("True + a", "not known here"),
        ("1e999 + a", "not known here"),
        ("(" * 200 + "a" + ")" * 200, "too long"),
        ("+".join("a" * 90), "too long"),
    ],
)
def test_refused(text: str, says: str) -> None:
    with pytest.raises(BadExpression, match=says):
        parse(text)


def test_terms_and_other_names() -> None:
    expression = parse("100 * errors(a) / count(a) + b", "p99.9")

    assert expression.terms == (Term("errors", "a"), Term("count", "a"), Term("p99.9", "b"))
    names = {term: f"m{place}" for place, term in enumerate(expression.terms, 1)}
    assert expression.told(names.__getitem__) == "100 * m1 / m2 + m3"
    assert expression.value(FIGURES | {"b": _of(10)}) == pytest.approx(35.0)


def test_sum_of_happenings_is_their_number() -> None:
    assert statistic_of("sum", Summary(count=7)) == 7
    assert statistic_of("maximum", Summary(count=7)) is None


@pytest.mark.parametrize(
    ("statistic", "samples"),
    [("p99", 1000), ("p99.9", 10_000), ("p90", 100), ("p50", 20), ("p10", 100), ("p100", 0), ("average", 0)],
)
def test_samples_a_percentile_needs(statistic: str, samples: int) -> None:
    assert needed_samples(statistic) == samples
