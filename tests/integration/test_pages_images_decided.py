"""Images that need a person: moved again, or cleaned up after, by whoever may decide, with a reason."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from batches.models import DeadLetter, ImageUpload, Job, Transaction
from batches.moves.decide import AGAIN, CLEAN, Refused, decide
from batches.moves.work import move
from storage import result_storage
from tests.integration.pages import MARKS, page, pages, person, signed_in, text_of
from tests.moves import PNG, a_job_of_images, key_of, the_upload

pytestmark = MARKS
VIEWER = ("view_imageupload", "view_transaction")


@pytest.fixture
def job() -> Job:
    return a_job_of_images()


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
