"""A process of its own that sends what is due, and may be killed: `python -m tests.concurrency.sending_process POINT`.

`after`: between the answer and the commit; `wait`: it ends when all is sent; `end`: at once, as when it is told to.
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

    if point == "after":
        vars(settle)["sent"] = _kill
    look.look_for_notices()
    if point != "end":
        look.wait_for_all()


def _kill(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(300)  # the signal is on its way: nothing more may happen here


if __name__ == "__main__":
    main(*sys.argv[1:])
