"""Images on pages: shown by signed links to whoever may see them, and put right by whoever may decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from batches.models import DeadLetter, ImageUpload, Job
from batches.moves.work import move
from storage.folder_link import SALT, folder_link
from tests.builders import image, ingested, receipts, transaction_id
from tests.integration.pages import BUDGET, MARKS, page, pages, signed_in, text_of
from tests.moves import PNG, a_job_of_images, key_of, the_upload, uploaded

pytestmark = MARKS
VIEWER = ("view_imageupload", "view_transaction")


@pytest.fixture
def job() -> Job:
    return a_job_of_images()


def transaction_page(client: Client, number: int) -> Any:
    return client.get(page("transaction", transaction_id(image(number))))


def link_of(response: Any) -> str:
    return str(response.context["picture"].link)


# --- Shown ---


def test_a_moved_image_is_shown_on_its_transactions_page(admin_client: Client, job: Job) -> None:
    response = transaction_page(admin_client, 0)

    assert f'alt="Receipt image {image(0)}"' in text_of(response)
    assert 'loading="lazy"' in text_of(response)
    shown: Any = admin_client.get(link_of(response))
    assert b"".join(shown.streaming_content) == PNG
    assert shown["Content-Type"] == "image/png"
    assert shown["Content-Disposition"] == "inline"
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown["Content-Security-Policy"]


def test_one_that_could_not_be_moved_is_told_and_a_source_that_was_left(admin_client: Client, job: Job) -> None:
    html = text_of(transaction_page(admin_client, 1))
    assert "migrationFailed" in html
    assert "It is not in storage." in html
    assert "its source could not be deleted" in text_of(transaction_page(admin_client, 2))
    assert "migrationFailed" not in text_of(transaction_page(admin_client, 0))


def test_no_page_asks_storage(admin_client: Client, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    from storage.filesystem import RangedFileStorage

    def asked(*_: Any) -> None:
        raise AssertionError("storage was asked")

    for verb in ("stat", "blocks", "fingerprint", "listing"):
        monkeypatch.setattr(RangedFileStorage, verb, asked)
    assert transaction_page(admin_client, 0).status_code == 200
    assert admin_client.get(page("imageupload", the_upload(0).pk)).status_code == 200


def test_an_expired_image_is_said_to_be(admin_client: Client, job: Job) -> None:
    ImageUpload.objects.filter(image_id=image(0)).update(moved_at=timezone.now() - timedelta(days=31))

    response = transaction_page(admin_client, 0)

    assert "It expired: images are kept 30 days after their move." in text_of(response)
    assert "<img" not in text_of(response).partition("picture-title")[2]
    opened = admin_client.get(reverse("admin:batches_imageupload_open", args=[the_upload(0).pk]))
    assert opened.status_code == 410
    assert "It expired" in text_of(opened)


def test_what_is_no_picture_is_not_shown_as_one(admin_client: Client) -> None:
    uploaded([1], key="uploads/user-9/page.svg")
    ingested(receipts([1]))
    move()

    assert "no kind of picture" in text_of(transaction_page(admin_client, 1))


def test_a_click_opens_it_by_a_fresh_link(admin_client: Client, job: Job) -> None:
    opened = admin_client.get(reverse("admin:batches_imageupload_open", args=[the_upload(0).pk]))

    assert opened.status_code == 302
    shown: Any = admin_client.get(opened["Location"])
    assert b"".join(shown.streaming_content) == PNG


def test_a_link_runs_out(admin_client: Client, job: Job) -> None:
    assert admin_client.get(folder_link(key_of(3), "image/png", 60)).status_code == 200
    assert admin_client.get(folder_link(key_of(3), "image/png", -1)).status_code == 410


@pytest.mark.parametrize("token", ["nonsense", signing.dumps([key_of(4), "image/png", 2**40], salt="another")])
def test_a_link_that_was_not_made_here_shows_nothing(admin_client: Client, job: Job, token: str) -> None:
    assert admin_client.get(reverse("admin:batches_folder_image", args=[token])).status_code == 410


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml"])
def test_a_link_shows_pictures_only(admin_client: Client, job: Job, kind: str) -> None:
    assert admin_client.get(folder_link(key_of(4), kind, 60)).status_code == 410


def test_a_link_leads_nowhere_outside_the_folder(admin_client: Client, job: Job) -> None:
    """Not even one that is signed: nobody signs such a key, and the folder would refuse it."""
    token = signing.dumps(["../../etc/passwd", "image/png", 2**40], salt=SALT)
    assert admin_client.get(reverse("admin:batches_folder_image", args=[token])).status_code == 400


def test_links_and_images_are_for_those_who_may(client: Client, admin_client: Client, job: Job) -> None:
    link = link_of(transaction_page(admin_client, 0))
    opens = reverse("admin:batches_imageupload_open", args=[the_upload(0).pk])
    for address in (link, opens):
        assert client.get(address).status_code == 302, "to the login"
        assert reverse("admin:login") in client.get(address)["Location"]
    stranger = signed_in("view_transaction")
    assert (stranger.get(link).status_code, stranger.get(opens).status_code) == (403, 403)
    response = transaction_page(stranger, 0)
    assert link_of(response) == ""
    assert "You may not see images" in text_of(response)
    assert signed_in(*VIEWER, name="viewer").get(link).status_code == 200


def test_a_buckets_images_are_let_in_on_their_page_alone(admin_client: Client, job: Job, settings: Settings) -> None:
    def policy(address: str) -> str:
        return str(admin_client.get(address)["Content-Security-Policy"])

    own = policy(page("transaction", transaction_id(image(0))))
    assert "img-src 'self' data:;" in own + ";"
    options = {"bucket_name": "receipts", "region_name": "ap-northeast-1", "access_key": "a", "secret_key": "b"}
    backend = {"BACKEND": "storage.s3.RangedS3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    ImageUpload.objects.update(bucket="receipts")

    response = transaction_page(admin_client, 0)

    host = "https://receipts.s3.amazonaws.com"
    assert link_of(response).startswith(f"{host}/processed/") or "ap-northeast-1" in link_of(response)
    origin = response.context["picture_origin"]
    assert f"img-src 'self' data: {origin}" in response["Content-Security-Policy"]
    assert "amazonaws" not in policy(pages("transaction"))


def test_an_image_of_another_place_is_said_to_be(admin_client: Client, job: Job) -> None:
    ImageUpload.objects.update(bucket="production-receipts")

    assert "It lies in production-receipts" in text_of(transaction_page(admin_client, 0))


# --- Found ---


@pytest.mark.parametrize(
    ("query", "count"), [({"image": "failed"}, 1), ({"image": "uncleaned"}, 1), ({"image": "x"}, 4)]
)
def test_transactions_are_filtered_by_their_images_move(
    admin_client: Client, job: Job, query: dict[str, str], count: int
) -> None:
    assert admin_client.get(pages("transaction"), query).context["cl"].result_count == count


def test_the_list_of_transactions_marks_failed_moves(
    admin_client: Client, job: Job, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    with django_assert_max_num_queries(BUDGET):
        html = text_of(admin_client.get(pages("transaction")))
    assert html.count("Image not moved") == 1


def test_each_figure_of_the_job_opens_its_rows(admin_client: Client, job: Job) -> None:
    response = admin_client.get(page("job", job.pk))

    figures = {figure.name: figure for figure in response.context["moves"].figures}
    assert {name: figure.count for name, figure in figures.items()} == {
        "moved": 1, "waiting": 1, "failed": 1, "uncleaned": 1, "unread": 1,
    }  # fmt: skip
    for figure in figures.values():
        assert admin_client.get(figure.url).context["cl"].result_count == figure.count, figure.name
    assert "1 image could not be moved." in text_of(response)
    assert 'hx-trigger="every 2s"' in text_of(response), "while images wait, the page goes on looking"


def test_a_job_without_images_says_nothing_of_them(admin_client: Client) -> None:
    ingested(receipts([1]))
    assert "job-moves" not in text_of(admin_client.get(page("job", Job.objects.get().pk)))


def test_the_letter_about_an_image_has_its_page(admin_client: Client, job: Job) -> None:
    letter = DeadLetter.objects.get(kind="image")
    html = text_of(admin_client.get(page("deadletter", letter.pk)))
    assert "image_missing" in html
    assert "about an image that could not be moved" in html


@pytest.mark.parametrize("number", range(5))
def test_every_state_has_its_page(admin_client: Client, job: Job, number: int) -> None:
    upload = the_upload(number)
    html = text_of(admin_client.get(page("imageupload", upload.pk)))
    assert upload.key in html
    assert ("Move again" in html) == (upload.status == "failed")
    assert ("Clean up the source" in html) == (upload.status == "uncleaned")
