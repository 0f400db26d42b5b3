"""A process of its own that posts, and is killed at a named point: `python -m tests.concurrency.posting_process …`.

Arguments: the point, the idempotency key, product and location. The ledger knows nothing of the points.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

# Between the statements of a posting, in this order: what is called there, and whether it is done first.
POINTS = {
    "after_key": ("post", "check_accepted", False),
    "after_lines": ("post", "check_balances", False),
    "in_low_stock": ("low_stock", "notice_of", False),
    "before_commit": ("low_stock", "settle", True),
}


def main(point: str, key: str, product: str, location: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from inventory.ledger import low_stock
    from inventory.ledger import post as post_step
    from inventory.ledger.post import Item
    from inventory.ledger.ship import ship

    modules: dict[str, Any] = {"post": post_step, "low_stock": low_stock}
    if point in POINTS:
        module, name, done_first = POINTS[point]
        original = getattr(modules[module], name)
        setattr(modules[module], name, lambda *given: _kill(original(*given) if done_first else None))
    ship([Item(int(product), int(location), 5)], key=key, actor=None)
    _kill()


def _kill(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(300)  # the signal is on its way: nothing more may happen here


if __name__ == "__main__":
    main(*sys.argv[1:])
