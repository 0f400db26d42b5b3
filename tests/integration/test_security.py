"""The content security policy holds on every page: no inline script, and inline styles only by their hash."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest
import unfold
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from config.theme import STYLE_HASHES
from tests.builders import the_letter
from tests.integration.pages import MARKS, mixed_job, page, pages, text_of
from tests.kept_traces import a_request

pytestmark = MARKS
HTMX = Path(unfold.__file__).parent / "static/unfold/js/htmx/htmx.js"
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>")
HANDLER = re.compile(r"<[a-z]+[^>]*\son[a-z]+=")


def sha256(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def styles(html: str) -> set[str]:
    return {sha256(style) for style in re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL)}


def htmx_style() -> str:
    """What htmx writes into the head: its default indicator classes, as its source puts them together."""
    source = HTMX.read_text(encoding="utf-8")
    names = dict(re.findall(r'\b(indicatorClass|requestClass):"([^"]+)"', source))
    parts = re.search(r'insertAdjacentHTML\("beforeend","<style"\+\w+\+">(.*?)</style>"\)', source)
    assert parts, "htmx writes its style in another way now: look, and compute the hash anew"
    return re.sub(r'"\+\w+\.config\.(\w+)\+"', lambda name: names[name[1]], parts[1])


@pytest.fixture
def addresses() -> list[str]:
    job = mixed_job()
    row, letter = job.transactions.first(), the_letter(code="invalid_date")
    models = ("job", "resultfile", "transaction", "deadletter", "imageupload")
    return [
        "/admin/", *map(pages, models), page("job", job.pk), page("resultfile", job.files.get().pk),
        page("transaction", row.pk), page("deadletter", letter.pk), reverse("admin:batches_upload"),
        reverse("admin:auth_user_changelist"), reverse("admin:django_celery_beat_periodictask_changelist"),
        reverse("admin:django_celery_beat_periodictask_add"),
        reverse("admin:batches_transaction_history", args=[row.pk]),
        reverse("monitoring:traces"), reverse("monitoring:map"),
        reverse("monitoring:trace", args=[a_request().trace_id]),
    ]  # fmt: skip


def test_hashes_are_those_of_the_theme(client: Client) -> None:
    colours = styles(text_of(client.get(reverse("admin:login"))))
    assert {*colours, sha256(htmx_style())} == set(STYLE_HASHES), "put these into config/theme.py STYLE_HASHES"


def test_every_page_keeps_the_policy(admin_client: Client, addresses: list[str]) -> None:
    for address in addresses:
        response = admin_client.get(address)
        html = text_of(response)
        assert styles(html) <= set(STYLE_HASHES), address
        assert not INLINE_SCRIPT.search(html), address
        assert not HANDLER.search(html), address


def test_policy_allows_no_inline_script(client: Client) -> None:
    policy = client.get(reverse("admin:login")).headers["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";") if " " in part.strip())
    assert "'unsafe-inline'" not in directives["script-src"]
    assert "'unsafe-inline'" not in directives["style-src"]
    assert directives["frame-ancestors"] == "'none'"


def test_what_a_file_says_is_never_markup(admin_client: Client) -> None:
    from tests.builders import image, ingested, jsonl, line

    attack = "<img src=x onerror=alert(1)>"
    file = ingested(jsonl([line(image(1), merchant=attack), line(attack, amount=-1)]), f"{attack}.jsonl")
    row, letter = file.job.transactions.get(), the_letter()
    for address in (pages("transaction"), page("transaction", row.pk), pages("deadletter"),
                    page("deadletter", letter.pk), page("job", file.job_id), "/admin/"):  # fmt: skip
        html = text_of(admin_client.get(address))
        assert attack not in html, address
    assert escape(attack) in text_of(admin_client.get(pages("transaction")))
