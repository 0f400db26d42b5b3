"""setup_aws: makes what is missing, changes nothing twice, says what differs, and leaves others' things alone."""

from __future__ import annotations

import json
from io import StringIO
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from batches.doors.aws.account import Account
from batches.doors.aws.notifications import Notifications
from tests.events.cloud import REGION, Cloud

TOPIC = f"arn:aws:sns:{REGION}:123456789012"


def setup(cloud: Cloud, *options: str) -> str:
    out = StringIO()
    call_command("setup_aws", f"--name={cloud.name}", *options, stdout=out)
    return out.getvalue()


def check(cloud: Cloud) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("setup_aws", f"--name={cloud.name}", "--check", stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def everything(cloud: Cloud) -> dict[str, Any]:
    """All that AWS says about our parts."""
    answers = {
        "notifications": cloud.s3.get_bucket_notification_configuration(Bucket=cloud.bucket),
        "lifecycle": cloud.s3.get_bucket_lifecycle_configuration(Bucket=cloud.bucket),
        "queue": cloud.sqs.get_queue_attributes(QueueUrl=cloud.queue_url, AttributeNames=["All"]),
        "dead": cloud.sqs.get_queue_attributes(QueueUrl=cloud.dead_url, AttributeNames=["All"]),
        "topic": cloud.sns.get_topic_attributes(TopicArn=f"{TOPIC}:{cloud.name}-events"),
        "subscriptions": cloud.sns.list_subscriptions_by_topic(TopicArn=f"{TOPIC}:{cloud.name}-events"),
    }
    for answer in answers.values():
        answer.pop("ResponseMetadata")
    for name in ("queue", "dead"):
        for volatile in ("ApproximateNumberOfMessages", "LastModifiedTimestamp"):
            answers[name]["Attributes"].pop(volatile, None)
    return answers


def attributes(cloud: Cloud, url: str) -> dict[str, str]:
    return dict(cloud.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"])


def test_what_it_makes(cloud: Cloud) -> None:
    queue, dead = attributes(cloud, cloud.queue_url), attributes(cloud, cloud.dead_url)

    assert dead["MessageRetentionPeriod"] == str(14 * 86_400)
    assert (queue["VisibilityTimeout"], queue["ReceiveMessageWaitTimeSeconds"]) == ("900", "20")
    assert int(queue["MessageRetentionPeriod"]) < int(dead["MessageRetentionPeriod"])
    redrive = json.loads(queue["RedrivePolicy"])
    assert (str(redrive["maxReceiveCount"]), redrive["deadLetterTargetArn"]) == ("3", dead["QueueArn"])
    told = everything(cloud)
    rules = {rule["ID"]: (rule["Filter"]["Prefix"], rule["Expiration"]["Days"]) for rule in told["lifecycle"]["Rules"]}
    assert rules == {"nightshelf-results": ("batch-output/", 30), "nightshelf-processed": ("processed/", 30)}
    assert [one["Events"] for one in told["notifications"]["TopicConfigurations"]] == [["s3:ObjectCreated:*"]] * 2
    statements = json.loads(queue["Policy"])["Statement"]
    assert [one["Condition"]["ArnEquals"]["aws:SourceArn"] for one in statements] == [f"{TOPIC}:{cloud.name}-events"]


def test_twice_it_changes_nothing(cloud: Cloud) -> None:
    before = everything(cloud)

    assert "Nothing to change." in setup(cloud)

    assert everything(cloud) == before
    assert check(cloud) == (0, "All is as it should be.\n")


def test_check_of_an_empty_account_names_everything_and_makes_nothing(bare_cloud: Cloud) -> None:
    where = {"LocationConstraint": REGION}
    bare_cloud.s3.create_bucket(Bucket=bare_cloud.bucket, CreateBucketConfiguration=where)

    code, told = check(bare_cloud)

    assert code == 1
    assert told.count("does not exist") == 3
    assert "what is created under uploads/ is not announced" in told
    assert "objects under processed/ do not expire after 30 days" in told
    assert "QueueUrls" not in bare_cloud.sqs.list_queues(QueueNamePrefix=bare_cloud.name)


def test_check_says_what_differs_and_setup_puts_it_right(cloud: Cloud) -> None:
    cloud.sqs.set_queue_attributes(QueueUrl=cloud.queue_url, Attributes={"VisibilityTimeout": "30", "Policy": ""})
    cloud.sqs.set_queue_attributes(QueueUrl=cloud.dead_url, Attributes={"MessageRetentionPeriod": "345600"})
    cloud._notify({})

    code, told = check(cloud)

    assert code == 1
    assert "VisibilityTimeout is 30, should be 900." in told
    assert "MessageRetentionPeriod is 345600, should be 1209600." in told
    assert "may not send to it" in told
    assert told.count("is not announced") == 2
    setup(cloud)
    assert check(cloud)[0] == 0


def test_what_others_set_up_in_the_bucket_stays(cloud: Cloud) -> None:
    theirs = cloud.sns.create_topic(Name=f"{cloud.name}-theirs")["TopicArn"]
    other = cloud.sqs.create_queue(QueueName=f"{cloud.name}-theirs")["QueueUrl"]
    arn = attributes(cloud, other)["QueueArn"]
    rule = {"Key": {"FilterRules": [{"Name": "prefix", "Value": "exports/"}]}}
    cloud._notify(
        {
            "TopicConfigurations": [{"Id": "a", "TopicArn": theirs, "Events": ["s3:ObjectCreated:*"], "Filter": rule}],
            "QueueConfigurations": [{"Id": "b", "QueueArn": arn, "Events": ["s3:ObjectRemoved:*"]}],
        }
    )
    expiry = {"ID": "theirs", "Filter": {"Prefix": "logs/"}, "Status": "Enabled", "Expiration": {"Days": 7}}
    cloud.s3.put_bucket_lifecycle_configuration(Bucket=cloud.bucket, LifecycleConfiguration={"Rules": [expiry]})

    setup(cloud)

    told = everything(cloud)
    assert {one["Id"] for one in told["notifications"]["TopicConfigurations"]} == {
        "a",
        "nightshelf-results",
        "nightshelf-uploads",
    }
    assert [one["Id"] for one in told["notifications"]["QueueConfigurations"]] == ["b"]
    assert {one["ID"] for one in told["lifecycle"]["Rules"]} == {"theirs", "nightshelf-results", "nightshelf-processed"}


def cors(cloud: Cloud) -> list[tuple[str, list[str], list[str]]]:
    rules = cloud.s3.get_bucket_cors(Bucket=cloud.bucket)["CORSRules"]
    return [(rule.get("ID", ""), rule["AllowedMethods"], rule["AllowedOrigins"]) for rule in rules]


def test_browsers_may_upload_from_this_sites_pages_alone(cloud: Cloud, settings: Settings) -> None:
    assert [(methods, "http://localhost:*" in origins) for _, methods, origins in cors(cloud)] == [(["POST"], True)]
    assert not any(origin in ("*", "http://*") for _, _, origins in cors(cloud) for origin in origins)
    theirs = {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://shop.example.com"], "AllowedHeaders": ["*"]}
    cloud.s3.put_bucket_cors(Bucket=cloud.bucket, CORSConfiguration={"CORSRules": [theirs]})
    settings.CSRF_TRUSTED_ORIGINS = ["https://shelf.example.com"]

    code, told = check(cloud)
    assert (code, "pages of https://shelf.example.com may not upload to it" in told) == (1, True)
    setup(cloud)
    setup(cloud)

    assert [(methods, origins) for _, methods, origins in cors(cloud)] == [
        (["GET"], ["https://shop.example.com"]),
        (["POST"], ["https://shelf.example.com"]),
    ]
    assert check(cloud)[0] == 0


class Bucket:
    """What the emulator does not do: EventBridge, which is switched on by an empty part; S3's own `Prefix`."""

    def __init__(self, configuration: dict[str, Any]) -> None:
        self.configuration = configuration

    def get_bucket_notification_configuration(self, **_: str) -> dict[str, Any]:
        return {**self.configuration, "ResponseMetadata": {"HTTPStatusCode": 200}}

    def put_bucket_notification_configuration(self, *, NotificationConfiguration: dict[str, Any], **_: str) -> None:
        self.configuration = NotificationConfiguration
        for told in self.configuration["TopicConfigurations"]:
            told["Filter"]["Key"]["FilterRules"][0]["Name"] = "Prefix"


def test_a_bucket_that_announces_to_eventbridge_goes_on_doing_so() -> None:
    bucket = Bucket({"EventBridgeConfiguration": {}})
    names = SimpleNamespace(topic="events", queue="events")
    account = SimpleNamespace(s3=bucket, bucket="b", topic_arn=f"{TOPIC}:events", names=names)
    notifications = Notifications(cast(Account, account))

    notifications.refuse_overlap()
    notifications.put()

    assert bucket.configuration.keys() == {"EventBridgeConfiguration", "TopicConfigurations"}
    assert notifications.differences() == []


def test_statements_of_others_in_the_policies_stay(cloud: Cloud) -> None:
    arn = attributes(cloud, cloud.queue_url)["QueueArn"]
    theirs = {"Sid": "theirs", "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = {"Version": "2012-10-17", "Statement": [theirs]}
    cloud.sqs.set_queue_attributes(QueueUrl=cloud.queue_url, Attributes={"Policy": json.dumps(policy)})

    setup(cloud)

    statements = json.loads(attributes(cloud, cloud.queue_url)["Policy"])["Statement"]
    assert [one["Sid"] for one in statements] == ["theirs", "nightshelf-topic"]


@pytest.mark.parametrize("prefix", ["uploads/", "", "up", "batch-output/job-1/"])
def test_a_prefix_that_goes_elsewhere_already_is_refused_before_anything_is_changed(
    bare_cloud: Cloud, prefix: str
) -> None:
    cloud = bare_cloud
    cloud.s3.create_bucket(Bucket=cloud.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    theirs = cloud.sns.create_topic(Name=f"{cloud.name}-theirs")["TopicArn"]
    one: dict[str, Any] = {"Id": "theirs", "TopicArn": theirs, "Events": ["s3:ObjectCreated:Put"]}
    if prefix:
        one["Filter"] = {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}}
    cloud._notify({"TopicConfigurations": [one]})

    with pytest.raises(CommandError, match=r"S3 allows one target for a key\. Take it away, or subscribe") as refused:
        setup(cloud)

    assert refused.value.returncode == 2
    assert "QueueUrls" not in cloud.sqs.list_queues(QueueNamePrefix=f"{cloud.name}-events")
    notifications = cloud.s3.get_bucket_notification_configuration(Bucket=cloud.bucket)
    assert [told["Id"] for told in notifications["TopicConfigurations"]] == ["theirs"]


def test_a_bucket_is_made_only_when_asked_for(bare_cloud: Cloud) -> None:
    assert check(bare_cloud) == (1, f"Bucket {bare_cloud.bucket} does not exist.\n")
    with pytest.raises(CommandError, match="does not exist: set STORAGE_BUCKET, or add --create-bucket"):
        setup(bare_cloud)

    assert "Put right: Bucket" in setup(bare_cloud, "--create-bucket")


def test_the_settings_name_the_queues(cloud: Cloud, settings: Settings) -> None:
    settings.EVENT_QUEUE_URL = cloud.queue_url.replace("-events", "-mine")

    told = setup(cloud)

    assert f"EVENT_QUEUE_URL={settings.EVENT_QUEUE_URL}" in told


def test_production_is_infrastructure_code(cloud: Cloud, settings: Settings) -> None:
    settings.PRODUCTION = True

    with pytest.raises(CommandError, match="In production these belong to infrastructure code"):
        setup(cloud)
    assert check(cloud)[0] == 0


def test_a_folder_has_no_events(storage_folder: object) -> None:
    with pytest.raises(CommandError, match="STORAGE_BUCKET is not set"):
        call_command("setup_aws")
