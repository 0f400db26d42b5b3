"""Start-up: a missing or nonsensical value is one sentence that names the variable, and production guesses nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import database_url
from tests.integration.processes import Finished, manage

LOCAL = {"DATABASE_URL": "postgresql://postgres@127.0.0.1:5432/nightshelf", "CELERY_BROKER_URL": "memory://localhost/"}
PRODUCTION = {
    "NIGHTSHELF_MODE": "production",
    "SECRET_KEY": "k9$2v!m3q8w7e6r5t4y3u2i1o0p-a=s_d+f)g(h*j&k^l%zxcvbnmQWERTYUIOP",
    "ALLOWED_HOSTS": "nightshelf.example.com",
    "DATABASE_URL": "postgresql://nightshelf:secret@db.example.com:5432/nightshelf",
    "CELERY_BROKER_URL": "amqp://nightshelf:secret@mq.example.com:5672//",
    "STORAGE_BUCKET": "nightshelf-results",
}
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV", "COVERAGE_PROCESS_START")


def check(environment: dict[str, str], *arguments: str) -> Finished:
    """`manage.py check` with nothing in the environment but what is given; `...` values are left out."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return manage({**kept, **environment}, "check", *arguments)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NIGHTSHELF_MODE", "staging"),
        ("DEBUG", "perhaps"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://root@127.0.0.1/nightshelf"),
        ("DATABASE_URL", "sqlite:///db.sqlite3"),
        ("TIME_ZONE", "Asia/Atlantis"),
        ("CHUNK_BYTES", "8 MB"),
        ("CHUNK_BYTES", "0"),
        ("MAX_LINE_BYTES", "-1"),
        ("LEASE_SECONDS", "soon"),
        ("MAX_ATTEMPTS", "0"),
        ("GUEST_DAYS", "-60"),
        ("ACCOUNT_DAYS", "1.5"),
        ("SWEEP_SECONDS", "0"),
        ("SWEEP_KEYS", "0"),
        ("DRAIN_SECONDS", "-1"),
        ("EVENT_CONSUMERS", "0"),
        ("EVENT_WAIT_SECONDS", "21"),
        ("EVENT_VISIBILITY_SECONDS", "43201"),
        ("LOG_LEVEL", "LOUD"),
        ("CLOUDWATCH_METRICS", "perhaps"),
        ("CLOUDWATCH_NAMESPACE", "AWS/Mine"),
    ],
)
def test_a_nonsensical_value_is_one_sentence(name: str, value: str) -> None:
    done = check(LOCAL | {name: value})

    _one_sentence(done, name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CELERY_BROKER_URL", "nonsense"),
        ("STORAGE_ENDPOINT_URL", "nonsense"),
        ("CSRF_TRUSTED_ORIGINS", "example.com"),
        ("EVENT_QUEUE_URL", "events"),
        ("EVENT_DLQ_URL", "events-dead"),
        ("EVENT_ENDPOINT_URL", "localhost:4566"),
    ],
)
def test_a_nonsensical_address_is_one_sentence(name: str, value: str) -> None:
    done = check(LOCAL | {"STORAGE_BUCKET": "results", name: value})

    _one_sentence(done, name)


@pytest.mark.parametrize("name", [name for name in PRODUCTION if name != "NIGHTSHELF_MODE"])
@pytest.mark.parametrize("value", [None, " "])
def test_production_starts_with_nothing_missing(name: str, value: str | None) -> None:
    environment = {key: given for key, given in PRODUCTION.items() if key != name}

    _one_sentence(check(environment if value is None else {**environment, name: value}), name)


def test_production_does_not_guess_the_region_of_its_queue() -> None:
    on_sqs = PRODUCTION | {"CELERY_BROKER_URL": "sqs://"}

    _one_sentence(check(on_sqs), "SQS_REGION")
    _one_sentence(check(on_sqs | {"SQS_REGION": "ap-northeast-1", "SQS_QUEUE_URL": "nightshelf"}), "SQS_QUEUE_URL")
    assert check(on_sqs | {"SQS_REGION": "ap-northeast-1"}).returncode == 0


@pytest.mark.parametrize(("name", "value"), [("SECRET_KEY", "short"), ("ALLOWED_HOSTS", "*"), ("DEBUG", "true")])
def test_production_refuses_what_is_unsafe(name: str, value: str) -> None:
    _one_sentence(check(PRODUCTION | {name: value}), name)


def test_events_need_the_bucket_they_are_about() -> None:
    done = check(LOCAL | {"EVENT_QUEUE_URL": "https://sqs.ap-northeast-1.amazonaws.com/123456789012/events"})

    _one_sentence(done, "STORAGE_BUCKET")


def test_production_settings_pass_the_deployment_check() -> None:
    done = check(PRODUCTION, "--deploy", "--fail-level", "WARNING")

    assert done.returncode == 0, done.stderr
    assert done.stdout == b"System check identified no issues (0 silenced).\n"
    assert done.stderr == b""


def test_two_installations_do_not_share_a_secret() -> None:
    settings = (Path(__file__).parents[2] / "config" / "settings.py").read_text()

    assert "insecure" not in settings
    assert 'read(env.str, "SECRET_KEY", default="") or load_embedded' in settings


@pytest.mark.django_db
def test_the_models_and_the_migrations_agree() -> None:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}

    done = manage({**kept, **LOCAL, "DATABASE_URL": database_url()}, "makemigrations", "--check", "--dry-run")

    assert done.returncode == 0, done.stdout


def _one_sentence(done: Finished, name: str) -> None:
    told = done.stderr.decode()
    assert done.returncode != 0
    assert told.startswith("nightshelf: ")
    assert told.count("\n") == 1
    assert name in told
