"""The history of an object, and the audit page's list of changes: what is shown, to whom, and at what cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from batches.letters.discard import discard
from batches.letters.filters import LetterFilter
from batches.letters.group_status import mute_group
from batches.models import LetterGroup
from inventory.models import Location
from monitoring import audit
from monitoring.context import carrying
from monitoring.history.change import Change, Via
from monitoring.history.context import on_behalf
from monitoring.history.timeline import ITEMS
from tests.integration.history.changes import a_product, by_hand, changes
from tests.integration.pages import BUDGET, MARKS, page, person, signed_in, text_of
from tests.redrives import an_operator, dead_letters

pytestmark = MARKS
CHANGES = "/admin/monitoring/change/"


def history(model: str, pk: object) -> str:
    return f"/admin/{model.replace('.', '/')}/{pk}/history/"


def as_somebody(user: User | None = None, request_id: str = "r-1") -> Any:
    class Both:
        def __enter__(self) -> None:
            self.ids = carrying(request_id=request_id)
            self.ids.__enter__()
            self.context = on_behalf("web", "POST /admin/", user=user.pk if user else None)
            self.context.__enter__()

        def __exit__(self, *fault: Any) -> None:
            self.context.__exit__(*fault)
            self.ids.__exit__(*fault)

    return Both()


def a_moved_person() -> tuple[User, User]:
    """Hanako, who was changed, and who changed her."""
    hanako, boss = User.objects.create_user("hanako"), person(name="boss")
    with as_somebody(boss):
        User.objects.filter(pk=hanako.pk).update(first_name="Hanako", is_active=False)
        hanako.groups.add(Group.objects.create(name="Night shift"))
    return hanako, boss


def test_history_says_who_did_what_and_when(admin_client: Client) -> None:
    hanako, _ = a_moved_person()

    html = text_of(admin_client.get(history("auth.user", hanako.pk)))

    assert "boss" in html
    assert "<del>yes</del>" in html
    assert "<ins>no</ins>" in html
    assert "First name" in html
    assert "Membership added" in html
    assert "Night shift" in html
    assert "r-1" in html
    local = timezone.localtime(changes()[0].pgh_created_at)
    assert f"{local:%H:%M:%S}" in html


def test_the_change_forms_own_button_leads_there(admin_client: Client) -> None:
    hanako, _ = a_moved_person()

    html = text_of(admin_client.get(reverse("admin:auth_user_change", args=[hanako.pk])))

    assert history("auth.user", hanako.pk) in html


@pytest.mark.parametrize("model", ["deadletter", "lettergroup", "job"])
def test_pages_of_our_own_have_the_button_too(admin_client: Client, model: str) -> None:
    (letter,) = dead_letters(1)
    pk = {"deadletter": letter.pk, "lettergroup": letter.group_id, "job": letter.job_id}[model]

    assert history(f"batches.{model}", pk) in text_of(admin_client.get(page(model, pk)))
    assert admin_client.get(history(f"batches.{model}", pk)).status_code == 200


def test_a_verb_gives_its_reason_to_the_changes_it_made(admin_client: Client) -> None:
    """Also one that was done to many letters at once, and names none of them."""
    first, _ = dead_letters(2)
    actor = an_operator()
    with as_somebody(actor):
        discard(LetterFilter(), actor=actor, reason="A night of tests.")

    html = text_of(admin_client.get(history("batches.deadletter", first.pk)))
    assert "Changed (discard)" in html
    assert "A night of tests." in html
    assert html.count("<del>Open</del>") == 1


def test_a_refusal_stands_in_the_same_line_of_time(admin_client: Client) -> None:
    dead_letters(1)
    group = LetterGroup.objects.get()
    actor, viewer = an_operator(), person(name="viewer")
    with as_somebody(actor, "r-1"):
        mute_group(group.pk, actor=actor, reason="Known.")
    with as_somebody(viewer, "r-2"), pytest.raises(PermissionDenied):
        mute_group(group.pk, actor=viewer, reason="Me too.")

    html = text_of(admin_client.get(history("batches.lettergroup", group.pk)))
    assert html.index("Refused: mute") < html.index("Changed (mute)")
    assert "viewer" in html
    assert html.count("Known.") == 1


def test_sql_by_hand_is_called_so(admin_client: Client) -> None:
    location = Location.objects.create(code="T", name="Tokyo")
    by_hand("UPDATE auth_user SET first_name = 'X' WHERE username = 'admin'")
    by_hand("UPDATE inventory_location SET name = 'Osaka' WHERE id = %s", location.pk)
    admin = User.objects.get(username="admin")

    assert "Outside of Nightshelf (database user" in text_of(admin_client.get(history("auth.user", admin.pk)))
    assert "Outside of Nightshelf (database user" in text_of(admin_client.get(CHANGES))


def test_pages_of_a_long_history_miss_nothing_and_repeat_nothing(admin_client: Client) -> None:
    user = User.objects.create_user("hanako")
    for number in range(2 * ITEMS + 5):
        with as_somebody(None, f"r-{number}"):
            User.objects.filter(pk=user.pk).update(first_name=f"name-{number}-")
            if number % 3 == 0:
                audit.record(None, f"verb_{number}_", "user", user.pk, reason=f"why-{number}-")
            if number % 5 == 0:
                audit.record(None, "looked", "user", user.pk, allowed=False, reason=f"refused-{number}-")

    seen, address = "", history("auth.user", user.pk)
    while address:
        response = admin_client.get(address)
        seen += text_of(response)
        assert len(response.context["items"]) <= ITEMS
        address = response.context["older"] and history("auth.user", user.pk) + response.context["older"]

    for number in range(2 * ITEMS + 5):
        assert seen.count(f"<ins>name-{number}-</ins>") == 1
        assert seen.count(f"refused-{number}-") == (number % 5 == 0)
        assert seen.count(f"why-{number}-") == (number % 3 == 0)


def test_what_is_gone_still_has_its_history(admin_client: Client) -> None:
    user = User.objects.create_user("hanako")
    pk = user.pk
    user.delete()

    response = admin_client.get(history("auth.user", pk))

    assert response.status_code == 200
    assert "It is gone." in text_of(response)
    assert "hanako" in text_of(response)
    assert admin_client.get(history("auth.user", pk + 1)).status_code == 404


def test_a_history_is_for_who_may_see_its_object(client: Client) -> None:
    hanako, _ = a_moved_person()
    address = history("auth.user", hanako.pk)

    seen = signed_in("view_user", name="may").get(address)
    assert seen.status_code == 200
    assert "/monitoring/change/" not in text_of(seen)  # the audit page is not theirs
    assert signed_in("view_group", name="may-not").get(address).status_code == 403
    assert client.get(address).status_code == 302


def test_an_untracked_object_has_the_admins_own_history(admin_client: Client) -> None:
    (letter,) = dead_letters(1)
    assert admin_client.get(history("batches.resultfile", letter.file_id)).status_code == 200
    assert admin_client.get("/admin/no/such/1/history/").status_code == 404


def test_the_audit_page_is_for_who_may_see_the_audit_log() -> None:
    a_moved_person()
    change = changes()[0]
    may, may_not = signed_in("view_auditentry", name="may"), signed_in("view_user", name="may-not")

    for address in (CHANGES, f"{CHANGES}{change.pk}/change/"):
        assert may.get(address).status_code == 200
        assert may_not.get(address).status_code == 403
    assert may.post(f"{CHANGES}{change.pk}/delete/", {"post": "yes"}).status_code == 403


def shown(client: Client, **filters: str) -> list[str]:
    response = client.get(CHANGES, filters)
    assert response.status_code == 200, response.headers
    return [str(change) for change in response.context["cl"].result_list]


def test_filters_of_the_audit_page(admin_client: Client) -> None:
    hanako, boss = a_moved_person()
    by_hand("UPDATE auth_user SET email = 'x@example.com' WHERE id = %s", boss.pk)
    today, tomorrow = timezone.localdate(), timezone.localdate() + timedelta(days=1)
    everything = shown(admin_client)
    of_hanako = [f"added auth.user_groups {hanako.groups.through.objects.get().pk}", f"changed auth.user {hanako.pk}"]
    of_boss = [f"changed auth.user {boss.pk}"]

    assert len(everything) == 4  # and the group that was made
    assert len(shown(admin_client, actor="boss")) == 3
    assert shown(admin_client, actor="nobody") == []
    assert shown(admin_client, object=f"user {hanako.pk}") == of_hanako
    assert len(shown(admin_client, object="user")) == 3
    assert shown(admin_client, object="nonsense") == []
    assert shown(admin_client, field="email") == of_boss
    assert shown(admin_client, kind="changed") == [*of_boss, of_hanako[1]]
    assert shown(admin_client, kind="deleted") == []
    assert shown(admin_client, via="outside") == of_boss
    assert len(shown(admin_client, request="r-1")) == 3
    assert shown(admin_client, trace="ab" * 16) == []
    assert shown(admin_client, pgh_created_at_from=str(today), pgh_created_at_to=str(today)) == everything
    assert shown(admin_client, pgh_created_at_from=str(tomorrow)) == []


def test_the_page_of_a_change_shows_all_of_it(admin_client: Client) -> None:
    first, _ = dead_letters(2)
    actor = an_operator()
    with as_somebody(actor):
        discard(LetterFilter(), actor=actor, reason="A night of tests.")
    change = changes(pgh_obj_id=str(first.pk))[0]

    html = text_of(admin_client.get(f"{CHANGES}{change.pk}/change/"))

    assert "A night of tests." in html
    assert "?request=r-1" in html
    assert history("batches.deadletter", first.pk) in html
    assert "/admin/monitoring/auditentry/" in html


def test_both_lists_lead_to_each_other(admin_client: Client) -> None:
    assert "/admin/monitoring/auditentry/" in text_of(admin_client.get(CHANGES))
    assert CHANGES in text_of(admin_client.get("/admin/monitoring/auditentry/"))


def a_mixed_page() -> None:
    """A list page of changes whose rows refer to as many tables as there are."""
    group, permission = Group.objects.create(name="Night"), Permission.objects.filter(codename="view_user").get()
    letters = dead_letters(3)
    actor = an_operator()
    with as_somebody(actor):
        for number in range(5):
            user = User.objects.create_user(f"user-{number}")
            user.groups.add(group)
            user.user_permissions.add(permission)
            product = a_product(f"MUG-{number}")
            product.delete()
        group.permissions.add(permission)
        discard(LetterFilter(ids=str(letters[0].pk)), actor=actor, reason="No.")
        mute_group(letters[0].group_id, actor=actor, reason="Known.")
    by_hand("UPDATE batches_job SET kind = 'other'")
    Location.objects.create(code="T", name="Tokyo")
    by_hand(f"UPDATE inventory_location SET name = 'Osaka'")  # noqa: F541


def test_pages_stay_within_their_budget(admin_client: Client, django_assert_max_num_queries: Any) -> None:
    a_mixed_page()
    user = User.objects.get(username="user-1")

    with django_assert_max_num_queries(BUDGET):
        assert len(admin_client.get(CHANGES).context["cl"].result_list) > 25
    with django_assert_max_num_queries(BUDGET):
        admin_client.get(history("auth.user", user.pk))


def test_a_field_or_table_that_is_no_more_is_shown_as_it_was_written(admin_client: Client) -> None:
    old = {"before": {"colour": "red"}, "after": {"colour": "blue"}, "fields": ["colour"], "via": Via.WEB}
    for model in ("auth.user", "shop.basket"):
        Change.objects.create(
            pgh_created_at=Now(), pgh_label="changed", pgh_model=model, pgh_obj_model=model, pgh_obj_id="1",
            row_id="1", name="n", **old,
        )  # fmt: skip
    response = admin_client.get(CHANGES)

    assert text_of(response).count("<ins>blue</ins>") == 2
    for change in changes():
        assert admin_client.get(f"{CHANGES}{change.pk}/change/").status_code == 200
