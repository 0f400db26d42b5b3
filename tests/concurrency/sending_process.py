"""A process of its own that sends what is due, and may be killed: `python -m tests.concurrency.sending_process POINT`.

`after`: between the answer and the commit; `wait`: it ends when all is sent; `end`: as soon as it is sending, as when
it is told to.
"""

from __future__ import annotations

import os
import signal
import sys
import time


def main(point: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from monitoring.channels import look, settle
    from monitoring.models import Delivery

    if point == "after":
        vars(settle)["sent"] = _kill
    look.look_for_notices()
    if point != "end":
        look.wait_for_all()
        return
    while Delivery.objects.filter(status="waiting").exists():
        time.sleep(0.01)


def _kill(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(300)  # the signal is on its way: nothing more may happen here


if __name__ == "__main__":
    main(*sys.argv[1:])
