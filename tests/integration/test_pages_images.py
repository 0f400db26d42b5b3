"""Images on pages: shown by signed links to whoever may see them, and put right by whoever may decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from batches.models import DeadLetter, ImageUpload, Job, Transaction
from batches.moves.decide import AGAIN, CLEAN, Refused, decide
from batches.moves.work import move
from storage import result_storage
from storage.folder_link import SALT, folder_link
from tests.builders import a_job, error_line, image, ingested, jsonl, line, receipts, transaction_id
from tests.integration.pages import BUDGET, MARKS, page, pages, person, signed_in, text_of
from tests.moves import PNG, key_of, the_upload, uploaded

pytestmark = MARKS
VIEWER = ("view_imageupload", "view_transaction")


@pytest.fixture
def job() -> Job:
    """Image 0 moved, 1 could not be, 2's source is left, 3 is not read, 4 waits."""
    uploaded(range(5))
    job = a_job()
    result_storage().remove([key_of(1)])
    ingested(jsonl([line(image(0)), line(image(1)), line(image(2)), error_line(image(3)), line(image(4))]), job=job)
    ImageUpload.objects.filter(image_id=image(3)).update(job=job)
    move()
    result_storage().put(key_of(2), BytesIO(PNG))
    ImageUpload.objects.filter(image_id=image(2)).update(status="uncleaned", error="Refused.", code="storage_refused")
    ImageUpload.objects.filter(image_id=image(4)).update(status="due")
    return job


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


# --- Decided ---


def test_moved_again_once_and_recorded(job: Job, admin_user: User) -> None:
    upload = the_upload(1)
    result_storage().put(key_of(1), BytesIO(PNG))

    assert decide([upload.pk], AGAIN, "the photo is back", by=admin_user) == (1, 0)
    assert decide([upload.pk], AGAIN, "the photo is back", by=admin_user) == (0, 1)
    assert move() >= 1

    assert the_upload(1).status == "moved"
    assert the_upload(1).error == ""
    assert DeadLetter.objects.get(kind="image").status == "resolved", "the move answered its letter"
    assert LogEntry.objects.get().change_message == "Move again: the photo is back"


def test_failed_again_it_is_one_letter_still(job: Job, admin_user: User) -> None:
    decide([the_upload(1).pk], AGAIN, "a try", by=admin_user)
    first = the_upload(1).letter_key
    move()

    assert the_upload(1).status == "failed"
    assert the_upload(1).letter_key != first
    assert DeadLetter.objects.filter(kind="image", status="open").count() == 1


def test_a_source_is_cleaned_up_when_its_copy_is_there(job: Job, admin_user: User) -> None:
    assert decide([the_upload(2).pk], CLEAN, "policy put right", by=admin_user) == (1, 0)
    move()

    assert the_upload(2).status == "moved"
    assert key_of(2) not in {item.key for item in result_storage().listing("uploads/")}


def test_a_source_is_never_cleaned_up_without_its_copy(job: Job, admin_user: User) -> None:
    moved = the_upload(2).moved_key
    result_storage().remove([moved])
    decide([the_upload(2).pk], CLEAN, "policy put right", by=admin_user)
    move()

    assert the_upload(2).status == "moved"
    assert result_storage().stat(moved).size == len(PNG), "it was copied again first"


def test_deciding_needs_the_permission_and_a_reason(job: Job, admin_user: User) -> None:
    with pytest.raises(PermissionDenied):
        decide([the_upload(1).pk], AGAIN, "why not", by=person("view_imageupload"))
    with pytest.raises(Refused, match="Say why"):
        decide([the_upload(1).pk], AGAIN, "  ", by=admin_user)
    with pytest.raises(Refused, match="At most 10,000"):
        decide(range(10_001), AGAIN, "all", by=admin_user)
    assert the_upload(1).status == "failed"


@pytest.mark.parametrize(("action", "number", "done"), [("move_again", 1, "due"), ("clean_up", 2, "copied")])
def test_the_lists_action_asks_first(admin_client: Client, job: Job, action: str, number: int, done: str) -> None:
    pks = list(ImageUpload.objects.values_list("pk", flat=True))
    chosen = {"action": action, "_selected_action": pks}
    before = the_upload(number).status

    asked = admin_client.post(pages("imageupload"), chosen)
    assert "1 image" in text_of(asked), "only the one that the verb is for"
    assert 'name="reason"' in text_of(asked)
    refused = admin_client.post(pages("imageupload"), {**chosen, "confirmed": "yes", "reason": ""})
    assert "Say why" in text_of(refused)
    assert the_upload(number).status == before

    told = admin_client.post(pages("imageupload"), {**chosen, "confirmed": "yes", "reason": "put right"}, follow=True)
    assert "1 image will be" in text_of(told)
    assert the_upload(number).status == done


def test_the_pages_button_asks_first(admin_client: Client, job: Job) -> None:
    address = reverse("admin:batches_imageupload_decide", args=[the_upload(1).pk, "again"])

    assert "Move 1 image again?" in text_of(admin_client.get(address))
    assert the_upload(1).status == "failed"
    told = admin_client.post(address, {"confirmed": "yes", "reason": "put right"}, follow=True)
    assert "1 image will be moved again." in text_of(told)
    assert the_upload(1).status == "due"
    assert admin_client.get(address.replace("again", "burn")).status_code == 404


def test_viewers_neither_see_nor_reach_the_verbs(job: Job) -> None:
    client, upload = signed_in(*VIEWER), the_upload(1)
    address = reverse("admin:batches_imageupload_decide", args=[upload.pk, "again"])
    assert "Move again" not in text_of(client.get(page("imageupload", upload.pk)))
    assert client.get(address).status_code == 403
    assert client.post(address, {"confirmed": "yes", "reason": "mine"}).status_code == 403
    form = {"action": "move_again", "_selected_action": [upload.pk], "confirmed": "yes", "reason": "mine"}
    client.post(pages("imageupload"), form)
    assert the_upload(1).status == "failed"


def test_the_command_moves_and_decides(job: Job, admin_user: User, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match="Say who"):
        call_command("move_images", again=True, reason="x")
    with pytest.raises(SystemExit) as ended:
        call_command("move_images", clean=True, reason="put right", user=admin_user.username)
    assert ended.value.code == 1
    assert "1 move failed" in capsys.readouterr().out
    assert the_upload(2).status == the_upload(4).status == "moved"
    result_storage().put(key_of(1), BytesIO(PNG))
    with pytest.raises(SystemExit) as ended:
        call_command("move_images", again=True, job="job-1", reason="it is back", user=admin_user.username)
    assert ended.value.code == 0
    assert Transaction.objects.count() == 4
