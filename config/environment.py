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


def positive(name: str, default: int, *, unit: str) -> int:
    value: int = read(env.int, name, default=default)
    if value <= 0:
        raise ImproperlyConfigured(f"{name} is {value}: use a number of {unit} above 0. See .env.example.")
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


def _sentence(fault: EnvError) -> str:
    # environs: `Environment variable "X" invalid: Not a valid integer.`
    return str(fault).rpartition("invalid: ")[2].strip("[]'\".") + "."
