"""What the machine has written nobody edits, not even a superuser; and every page of the admin opens."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from batches.models import DeadLetter, ImageUpload, Job, ResultFile, Transaction
from tests.integration.pages import BUDGET, MARKS, mixed_job, page, pages, text_of

pytestmark = MARKS
MODELS = [Job, ResultFile, Transaction, DeadLetter, ImageUpload]


@pytest.mark.parametrize("model", MODELS)
def test_nothing_can_be_added_changed_or_deleted(admin_client: Client, model: type[Job]) -> None:
    mixed_job()
    ImageUpload.objects.create(image_id="image-1", user_id="user-1", bucket="local", key="k", trace_id="ab" * 16)
    row = model.objects.all()[0]
    name = model._meta.model_name
    before = list(model.objects.order_by("pk").values())
    assert admin_client.post(reverse(f"admin:batches_{name}_add"), {}).status_code == 403
    assert admin_client.post(reverse(f"admin:batches_{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert admin_client.post(page(str(name), row.pk), {"user_id": "mine"}).status_code in (200, 405)
    admin_client.post(pages(str(name)), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert list(model.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("model", admin.site._registry)
def test_every_list_opens_within_budget(
    admin_client: Client, model: type[Job], django_assert_max_num_queries: object
) -> None:
    mixed_job()
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    with django_assert_max_num_queries(BUDGET):  # type: ignore[operator]
        assert admin_client.get(address).status_code == 200


def test_empty_lists_say_what_to_do(admin_client: Client) -> None:
    for model in MODELS:
        html = text_of(admin_client.get(pages(str(model._meta.model_name))))
        assert f"No {model._meta.verbose_name_plural} yet" in html


def test_schedule_can_be_edited(admin_client: Client) -> None:
    crontab = CrontabSchedule.objects.create(minute="15", hour="4")
    task = PeriodicTask.objects.create(name="purge", task="batches.purge", crontab=crontab)
    address = reverse("admin:django_celery_beat_periodictask_change", args=[task.pk])
    html = text_of(admin_client.get(address))
    assert "periodic-task-overrides" not in html
    assert "04:15" in html
    empty = {"args": "[]", "kwargs": "{}", "headers": "{}", "start_time_0": "", "start_time_1": "", "task": ""}
    data = {"name": "purge", "regtask": "batches.purge", "crontab": crontab.pk, **empty}
    assert admin_client.post(address, data).status_code == 302
    task.refresh_from_db()
    assert task.task == "batches.purge"


def test_people_can_be_edited(admin_client: Client, admin_user: User) -> None:
    assert admin_client.get(reverse("admin:auth_user_change", args=[admin_user.pk])).status_code == 200
    assert admin_client.get(reverse("admin:auth_user_add")).status_code == 200
