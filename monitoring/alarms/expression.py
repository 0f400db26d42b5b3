"""Metric math: `100 * errors(a) / count(a)`. Numbers, + - * /, and statistics of the series a and b; nothing else.

Read by Python's own parser and then walked: nothing is ever executed, and what is not listed here is refused.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import lru_cache
from typing import NamedTuple

from monitoring.alarms.words import STATISTIC
from monitoring.metrics.summary import Summary

SERIES = ("a", "b")
MOST_CHARS, MOST_NODES = 300, 60
OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class BadExpression(ValueError):
    """It cannot be read; the message says which part of it, and what there is."""


class Term(NamedTuple):
    """A statistic of a series: `errors(a)`."""

    statistic: str
    series: str


class Expression(NamedTuple):
    tree: ast.expr
    terms: tuple[Term, ...]

    def value(self, figures: Mapping[str, Summary]) -> float | None:
        """None where a figure in it has no data, or it divides by zero: the datapoint is missing."""
        return _value(self.tree, figures)

    def told(self, name_of: Callable[[Term], str]) -> str:
        """The expression with other names for its terms: CloudWatch's `100 * m1 / m2`."""
        return ast.unparse(_Renamed(name_of).visit(deepcopy(self.tree)))


def parse(text: str, statistic: str = "average") -> Expression:
    """`a` alone is `statistic` of a. BadExpression with a sentence for people."""
    return _parsed(text, statistic)


@lru_cache(maxsize=256)
def _parsed(text: str, statistic: str) -> Expression:
    if len(text) > MOST_CHARS:
        raise BadExpression("It is too long: a rule compares one figure, or two.")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise BadExpression("It cannot be read: write for example 100 * errors(a) / count(a).") from None
    if sum(1 for _ in ast.walk(tree)) > MOST_NODES:
        raise BadExpression("It is too long: a rule compares one figure, or two.")
    tree = _Spelled(statistic).visit(tree)
    terms = tuple(dict.fromkeys(_terms(tree)))
    if not terms:
        raise BadExpression("It has no figure in it: name series a, for example sum(a).")
    return Expression(tree, terms)


def statistic_of(statistic: str, summary: Summary) -> float | None:
    """None where nothing was measured, or what was counted has no values."""
    if not summary.count:
        return None
    if statistic.startswith("p"):
        return summary.percentile(float(statistic[1:]))
    if statistic in ("count", "errors"):
        return float(getattr(summary, statistic))
    if not summary.bins:
        # Happenings have no values: their sum is how many there were, as CloudWatch's Sum of a count is.
        return float(summary.count) if statistic == "sum" else None
    return {
        "sum": summary.total, "average": summary.average, "minimum": summary.least, "maximum": summary.most
    }[statistic]  # fmt: skip


def _value(node: ast.expr, figures: Mapping[str, Summary]) -> float | None:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.UnaryOp(operand=operand):
            value = _value(operand, figures)
            return None if value is None else -value
        case ast.BinOp(left=left, op=op, right=right):
            return _worked_out(OPERATORS[type(op)], _value(left, figures), _value(right, figures))
        case ast.Call():
            term = _term(node)
            return statistic_of(term.statistic, figures[term.series])
    raise BadExpression("It cannot be worked out.")


def _worked_out(apply: Callable[[float, float], float], left: float | None, right: float | None) -> float | None:
    if left is None or right is None:
        return None
    try:
        value = apply(left, right)
    except (ZeroDivisionError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def _terms(node: ast.expr) -> list[Term]:
    match node:
        case ast.Constant(value=value) if type(value) in (int, float) and math.isfinite(value):  # type: ignore[arg-type]
            return []
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _terms(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return [*_terms(left), *_terms(right)]
        case ast.Call():
            return [_term(node)]
    raise BadExpression(f"{_shown(node)} is not known here: there are numbers, + - * /, and for example errors(a).")


def _term(node: ast.Call) -> Term:
    match node:
        case ast.Call(func=ast.Name(id=statistic), args=[ast.Name(id=series)], keywords=[]):
            if not re.match(STATISTIC, statistic):
                raise BadExpression(
                    f"{statistic[:40]} is no statistic: there are sum, average, minimum, maximum, count, errors, p99."
                )
            if series not in SERIES:
                raise BadExpression(f"{series[:40]} is no series: there are a and b.")
            return Term(statistic, series)
    raise BadExpression(f"{_shown(node)} is not known here: a statistic has one series, for example sum(a).")


def _shown(node: ast.AST) -> str:
    return ast.unparse(node)[:60]


class _Spelled(ast.NodeTransformer):
    """`a` becomes `average(a)`, or whichever statistic the rule has."""

    def __init__(self, statistic: str) -> None:
        self._statistic = statistic

    def visit_Call(self, node: ast.Call) -> ast.AST:
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id not in SERIES:
            raise BadExpression(f"{node.id[:40]} is not known here: the series are a and b.")
        return ast.Call(ast.Name(self._statistic, ast.Load()), [node], [])


class _Renamed(ast.NodeTransformer):
    def __init__(self, name_of: Callable[[Term], str]) -> None:
        self._name_of = name_of

    def visit_Call(self, node: ast.Call) -> ast.AST:
        return ast.Name(self._name_of(_term(node)), ast.Load())
