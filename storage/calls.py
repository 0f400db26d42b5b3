"""Whoever wants to know of the calls to storage is told of each one when it is over. Storage itself asks nobody."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, NamedTuple, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


class Call(NamedTuple):
    """`began` in nanoseconds since 1970. `waited`: for storage, where `seconds` may count the reader's own work too."""

    operation: str
    prefix: str
    began: int
    seconds: float
    waited: float
    fault: BaseException | None


Observer = Callable[[Call], None]

_observers: list[Observer] = []


def observed_by(observer: Observer) -> None:
    _observers[:] = [observer]


def called(operation: str) -> Callable[[F], F]:
    """A method whose first argument is a key, a name or a list of them."""

    def decorated(method: F) -> F:
        @wraps(method)
        def call(self: Any, key: Any, *args: Any, **kwargs: Any) -> Any:
            began, at = time.time_ns(), time.perf_counter()
            fault: BaseException | None = None
            try:
                return method(self, key, *args, **kwargs)
            except Exception as raised:
                fault = raised
                raise
            finally:
                seconds = time.perf_counter() - at
                _tell(Call(operation, _prefix(key), began, seconds, seconds, fault))

        return call  # type: ignore[return-value]

    return decorated


def streamed(operation: str) -> Callable[[F], F]:
    """A method that yields: one call, from its first item to its last."""

    def decorated(method: F) -> F:
        @wraps(method)
        def stream(self: Any, key: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
            began, at, waited = time.time_ns(), time.perf_counter(), 0.0
            fault: BaseException | None = None
            items = iter(method(self, key, *args, **kwargs))
            try:
                while True:
                    asked = time.perf_counter()
                    try:
                        item = next(items)
                    except StopIteration:
                        return
                    finally:
                        waited += time.perf_counter() - asked
                    yield item
            except Exception as raised:
                fault = raised
                raise
            finally:
                close = getattr(items, "close", None)
                if close is not None:
                    close()
                _tell(Call(operation, _prefix(key), began, time.perf_counter() - at, waited, fault))

        return stream  # type: ignore[return-value]

    return decorated


def _prefix(key: Any) -> str:
    """The folder at the top, which is a kind of object; what is below it names jobs and people."""
    first = key if isinstance(key, str) else next(iter(key), "")
    folder, slash, _ = str(first).partition("/")
    return f"{folder}{slash}" if slash else ""


def _tell(call: Call) -> None:
    for observer in _observers:
        observer(call)
