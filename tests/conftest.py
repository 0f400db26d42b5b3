"""Shared by all tests: storage in a folder of the test's own, a broker in memory, a database for processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project_settings
from django.db import connection
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker, Settings

from config.celery import app
from embedded import state
from monitoring import process
from monitoring.components import Component
from monitoring.metrics.collect import collector
from monitoring.traces import keep
from monitoring.traces.export import exporter
from tests.emptying import empty_database
from tests.ports import free_port
from tests.template_database import use_template

MEMORY_BROKER = "memory://localhost/"

pytest.register_assert_rewrite("tests.faults.night")


def pytest_configure() -> None:
    """No thread of telemetry's writes into a test's database: not between tests either, when it is made or emptied."""
    project_settings.METRIC_FLUSH_SECONDS = project_settings.TRACE_FLUSH_SECONDS = 0


@pytest.fixture(scope="session", autouse=True)
def _broker_in_memory() -> Iterator[None]:
    """In-process wake-ups go nowhere: a test works itself, or starts a worker on a broker it names."""
    # Not `broker_url`: Celery prefers CELERY_BROKER_URL of the environment to it.
    names = ("broker_read_url", "broker_write_url", "broker_transport_options")
    before = {name: app.conf[name] for name in names}
    app.conf.update(broker_read_url=MEMORY_BROKER, broker_write_url=MEMORY_BROKER, broker_transport_options={})
    yield
    app.conf.update(before)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """pytest-django asks for it ahead of making the test database."""
    with django_db_blocker.unblock():
        use_template()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The test database does not wait for the disk: it would not outlive a power cut, of which no test knows.

    Tests that end the server itself do so to one of their own, whose settings are the product's.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit TO off; SET synchronous_commit TO off")


@pytest.fixture(scope="session", autouse=True)
def _quick_emptying() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: empty_database())
        yield


@pytest.fixture(scope="session", autouse=True)
def _ports_of_our_own() -> Iterator[None]:
    """Installations that tests make take ports that no test in another process takes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(state, "_pick_port", lambda avoid=0: free_port())
        yield


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    """Hashing is slow so that guessing is; here nobody guesses, and most people are made to be forgotten at once."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _figures_of_our_own() -> None:
    """No test finds what an earlier one told, of figures or spans; a test flushes itself."""
    collector.begin_anew()
    exporter.begin_anew()
    keep.begin_anew()
    process.is_(Component.COMMAND)


@pytest.fixture(autouse=True)
def storage_folder(settings: Settings, tmp_path: Path) -> Path:
    """The folder that is the storage, empty at first."""
    folder = tmp_path / "storage"
    folder.mkdir()
    backend = {"BACKEND": "storage.filesystem.RangedFileStorage", "OPTIONS": {"location": folder}}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    return folder


@pytest.fixture
def small_chunks(settings: Settings) -> None:
    """About one line in a chunk."""
    settings.CHUNK_BYTES = 400


@pytest.fixture
def environment(transactional_db: None, storage_folder: Path) -> dict[str, str]:
    """The environment of a process of its own that works on the test's database and storage."""
    return {
        **os.environ,
        "DATABASE_URL": database_url(),
        "CELERY_BROKER_URL": MEMORY_BROKER,
        "STORAGE_FOLDER": str(storage_folder),
        "STORAGE_BUCKET": "",
        "EVENT_QUEUE_URL": "",
        "EVENT_DLQ_URL": "",
    }


def database_url() -> str:
    """The test database as other processes reach it."""
    at: dict[str, Any] = connection.settings_dict
    password = f":{at['PASSWORD']}" if at["PASSWORD"] else ""
    return f"postgresql://{at['USER']}{password}@{at['HOST']}:{at['PORT'] or 5432}/{at['NAME']}"


@pytest.fixture
def on_commit_runs(django_capture_on_commit_callbacks: Callable[..., Any]) -> Callable[..., Any]:
    return django_capture_on_commit_callbacks
