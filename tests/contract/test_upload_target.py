"""Straight to storage: whoever has a target puts one object there, and nothing larger, other or elsewhere."""

from __future__ import annotations

import base64
import json
import os
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core import signing
from django.test import Client
from django.urls import reverse

from storage.filesystem import RangedFileStorage
from storage.folder_upload import SALT
from storage.port import ResultStorage, StorageAway, StorageRefused, Target
from storage.s3 import RangedS3Storage
from tests.contract.s3 import s3_storage
from tests.integration.pages import person, signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.filterwarnings("ignore:No directory at")]
KEY, TYPE = "products/7/0123456789abcdef0123456789abcdef/original", "image/png"
CONTENT = b"\x89PNG\r\n\x1a\n" + os.urandom(3_000_000)
MOST = 4_000_000


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, storage_folder: Path) -> ResultStorage:
    """The folder is the site's own here: it is the site that answers for it."""
    if request.param == "folder":
        return RangedFileStorage(location=storage_folder)
    made: ResultStorage = request.getfixturevalue("s3")
    return made


def sent(target: Target, content: bytes = CONTENT, client: Client | None = None, **headers: str) -> int:
    """As a browser does it; the answer's status."""
    if target.method == "POST":
        answer = requests.post(target.url, data=dict(target.fields), files={"file": ("original", content)}, timeout=120)
        return answer.status_code
    told: dict[str, Any] = {**target.headers, **headers}
    site = client or signed_in("change_product")
    return site.put(target.url, content, content_type=told.pop("Content-Type"), headers=told).status_code


def test_what_is_sent_there_lies_there(storage: ResultStorage) -> None:
    target = storage.upload_target(KEY, TYPE, MOST, 60)

    assert sent(target) == 201

    version = storage.stat(KEY).version
    assert b"".join(storage.blocks(KEY, version)) == CONTENT


def test_it_is_made_without_asking_storage() -> None:
    target = s3_storage("http://127.0.0.1:1", "nowhere").upload_target(KEY, TYPE, MOST, 60)

    assert (target.method, target.url) == ("POST", "http://127.0.0.1:1/nowhere")
    assert target.fields["key"] == KEY


def test_s3_is_told_how_large_what_type_where_and_until_when(s3: RangedS3Storage) -> None:
    """S3 holds uploads against the policy, the emulator does not: so the policy itself is read here."""
    target = s3.upload_target(KEY, TYPE, MOST, 60)

    policy = json.loads(base64.b64decode(target.fields["policy"]))
    assert ["content-length-range", 1, MOST] in policy["conditions"]
    assert {"Content-Type": TYPE} in policy["conditions"]
    assert {"key": KEY} in policy["conditions"]
    assert {"bucket": s3.bucket_name} in policy["conditions"]
    until = time.strptime(policy["expiration"], "%Y-%m-%dT%H:%M:%SZ")
    assert 0 < time.mktime(until) - time.mktime(time.gmtime()) <= 60
    assert target.fields["Content-Type"] == TYPE
    assert "test" not in json.dumps(dict(target.fields)).replace("test/", ""), "the secret is not in it"


def test_a_form_leads_to_the_buckets_own_region() -> None:
    """The global host would send the browser on to another one, which a form does not survive."""
    options = {"region_name": "ap-northeast-1", "access_key": "a", "secret_key": "b", "default_acl": None}

    def host(name: str, **more: str) -> str:
        return RangedS3Storage(bucket_name=name, **options, **more).upload_target(KEY, TYPE, MOST, 60).url

    assert host("shirts") == "https://shirts.s3.ap-northeast-1.amazonaws.com/"
    assert "shirts.of.japan.s3" not in host("shirts.of.japan"), "no certificate is for such a host"
    assert host("shirts", addressing_style="path").endswith("amazonaws.com/shirts")
    link = RangedS3Storage(bucket_name="shirts", **options).link(KEY, TYPE, 60)
    assert link.startswith("https://shirts.s3.ap-northeast-1.amazonaws.com/"), "one origin for both"


# --- The folder: the site itself holds uploads against what was signed ---


@pytest.fixture
def folder(storage_folder: Path) -> RangedFileStorage:
    return RangedFileStorage(location=storage_folder)


def there(folder: RangedFileStorage) -> list[str]:
    return [item.key for item in folder.listing("")]


def test_larger_than_was_signed_is_not_taken(folder: RangedFileStorage) -> None:
    assert sent(folder.upload_target(KEY, TYPE, len(CONTENT) - 1, 60)) == 413
    assert there(folder) == []


def test_another_type_is_not_taken(folder: RangedFileStorage) -> None:
    target = folder.upload_target(KEY, TYPE, MOST, 60)._replace(headers={"Content-Type": "text/html"})
    assert sent(target) == 403
    assert there(folder) == []


def test_its_time_runs_out_and_nobody_else_makes_one(folder: RangedFileStorage) -> None:
    over = folder.upload_target(KEY, TYPE, MOST, -1)
    assert sent(over) == 410
    forged = signing.dumps([KEY, TYPE, MOST, 2**40], salt=f"{SALT}.other")
    client = signed_in("change_product", name="another")
    assert sent(over._replace(url=reverse("admin:catalog_folder_upload", args=[forged])), client=client) == 410
    assert there(folder) == []


def test_it_is_good_for_one_upload(folder: RangedFileStorage) -> None:
    target = folder.upload_target(KEY, TYPE, MOST, 60)
    client = signed_in("change_product")
    assert sent(target, client=client) == 201

    assert sent(target, b"something else", client=client) == 409
    assert folder.stat(KEY).size == len(CONTENT)


def test_it_is_for_those_who_may(folder: RangedFileStorage, client: Client) -> None:
    target = folder.upload_target(KEY, TYPE, MOST, 60)

    assert sent(target, client=signed_in("view_product")) == 403
    assert sent(target, client=client) == 302, "to the login"
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person("change_product", name="other"))
    assert sent(target, client=strict) == 403, "not from another site's page"
    assert there(folder) == []


def test_an_upload_that_breaks_off_leaves_nothing(folder: RangedFileStorage, storage_folder: Path) -> None:
    with pytest.raises(StorageAway, match="broke off: 10 of 20 bytes came"):
        folder.put_once(KEY, BytesIO(b"x" * 10), 20)

    assert [path for path in storage_folder.rglob("*") if path.is_file()] == []


def test_no_more_is_read_than_was_told(folder: RangedFileStorage) -> None:
    stream = BytesIO(b"x" * 100)
    folder.put_once(KEY, stream, 60)

    assert (stream.tell(), folder.stat(KEY).size) == (60, 60)


def test_two_at_once_are_one(folder: RangedFileStorage, storage_folder: Path) -> None:
    folder.put_once(KEY, BytesIO(b"first"), 5)
    with pytest.raises(StorageRefused, match="was uploaded before"):
        folder.put_once(KEY, BytesIO(b"other"), 5)

    assert Path(folder.path(KEY)).read_bytes() == b"first"
    assert [path.name for path in storage_folder.rglob("*") if path.is_file()] == ["original"]
