"""All parts, in the order in which they need each other."""

from __future__ import annotations

from collections.abc import Iterator

from batches.doors.aws.account import Account
from batches.doors.aws.browser_uploads import BrowserUploads
from batches.doors.aws.bucket import Bucket
from batches.doors.aws.lifecycle import Lifecycle
from batches.doors.aws.notifications import Notifications
from batches.doors.aws.part import Part
from batches.doors.aws.queues import DeadLetterQueue, EventQueue, QueuePolicy
from batches.doors.aws.topic import Subscription, Topic


class Setup:
    def __init__(self, prefix: str, *, create_bucket: bool = False) -> None:
        account = Account(prefix)
        self.queue, self.dead_queue = EventQueue(account), DeadLetterQueue(account)
        self._bucket = Bucket(account, create=create_bucket)
        self._notifications = Notifications(account)
        # S3 tries the topic when it is told to announce to it, so everything behind it comes first.
        self._parts: list[Part] = [
            self.dead_queue,
            self.queue,
            Topic(account),
            QueuePolicy(account, self.queue),
            Subscription(account),
            self._notifications,
            Lifecycle(account),
            BrowserUploads(account),
        ]

    def differences(self) -> list[str]:
        """Everything that is not as it should be. Changes nothing."""
        if missing := self._bucket.differences():
            return missing  # no point in asking it for its notifications
        return [difference for part in self._parts for difference in part.differences()]

    def put(self) -> Iterator[str]:
        """Put right what differs, and say what that was. Refused before anything of another's would be damaged."""
        if not self._bucket.differences():
            self._notifications.refuse_overlap()
        for part in (self._bucket, *self._parts):
            if differences := part.differences():
                part.put()
                yield from differences
