"""`manage.py consume_events` with failpoints: `python -m tests.events.consumer`. Under test only."""

from __future__ import annotations

import os

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command

    from batches.doors import consume
    from batches.pipeline import receive_image
    from tests.faults.failpoints import _around

    _around(receive_image, "_inserted", before="before_insert", after="after_insert")
    _around(consume, "handle", before="before_handle", after="after_handle")
    call_command("consume_events")


if __name__ == "__main__":
    main()
