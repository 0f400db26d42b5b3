"""Typed readers for the environment, used by `settings.py` alone.

Every fault becomes one sentence that names the variable: a service that starts with a guessed value is worse than
one that does not start.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError

T = TypeVar("T")
env = Env()


def read(reader: Callable[..., T], name: str, **options: object) -> T:
    """One variable by one of `env`'s readers; ImproperlyConfigured with one sentence when it will not do."""
    try:
        return reader(name, **options)
    except EnvError as fault:
        raise ImproperlyConfigured(f"{name}: {_sentence(fault)} See .env.example.") from None


def required(name: str, why: str) -> str:
    value = read(env.str, name, default="").strip()
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: {why} See .env.example.")
    return value


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value: str = read(env.str, name, default=default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} is {value!r}: use one of {', '.join(allowed)}. See .env.example.")
    return value


def address(name: str, schemes: tuple[str, ...]) -> str:
    """An address such as https://host, or '' when the variable is not set."""
    value: str = read(env.str, name, default="")
    _check_address(name, value, schemes)
    return value


def addresses(name: str, schemes: tuple[str, ...]) -> list[str]:
    values: list[str] = read(env.list, name, default=[])
    for value in values:
        _check_address(name, value, schemes)
    return values


def positive(name: str, default: int, *, unit: str) -> int:
    value: int = read(env.int, name, default=default)
    if value <= 0:
        raise ImproperlyConfigured(f"{name} is {value}: use a number of {unit} above 0. See .env.example.")
    return value


def seconds(name: str, default: float) -> float:
    value: float = read(env.float, name, default=default)
    if not 0 < value < float("inf"):
        raise ImproperlyConfigured(f"{name} is {value}: use a number of seconds above 0. See .env.example.")
    return value


def share(name: str, default: float) -> float:
    value: float = read(env.float, name, default=default)
    if not 0 <= value <= 1:
        raise ImproperlyConfigured(f"{name} is {value}: use a share from 0 to 1. See .env.example.")
    return value


def time_zone(name: str, default: str) -> str:
    value: str = read(env.str, name, default=default)
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ImproperlyConfigured(
            f"{name} is {value!r}: use a time zone such as Asia/Tokyo. See .env.example."
        ) from None
    return value


def _check_address(name: str, value: str, schemes: tuple[str, ...]) -> None:
    # The value itself may hold a password, so it is not repeated.
    if value and value.partition("://")[0] not in schemes:
        known = ", ".join(f"{scheme}://" for scheme in schemes)
        raise ImproperlyConfigured(f"{name} is not an address: it has to begin with one of {known}. See .env.example.")


def _sentence(fault: EnvError) -> str:
    # environs: `Environment variable "X" invalid: Not a valid integer.`
    return str(fault).rpartition("invalid: ")[2].strip("[]'\".") + "."
