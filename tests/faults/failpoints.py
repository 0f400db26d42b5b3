"""Named points of the pipeline at which a process can be killed, stopped or disturbed. They exist under test only.

`install` wraps functions of the engine in the processes that the tests start (see app.py, wsgi.py); the engine knows
nothing of it. A point is armed by a file in the folder FAILPOINTS; the first process that comes by renames the file,
which makes it happen once, and tells the test who it was.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from functools import wraps
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

from embedded.process import wait_until

POISON = b"poison-me"
PATIENCE = 500  # seconds; longer than any test waits, so that it is the test that gives up

# Of a worker: each is passed by every chunk, in this order.
STEPS = (
    "before_claim", "after_claim", "mid_parse", "before_write", "after_copy", "before_commit", "after_commit",
    "before_finish", "mid_finish", "after_finish",
)  # fmt: skip
# Of a worker at a redrive: each is passed by every batch, in this order; the last one once, when nothing waits.
REDRIVE = (
    "before_redrive_claim", "after_redrive_claim", "after_mark", "mid_fetch", "before_batch", "after_write_back",
    "before_items", "before_batch_commit", "after_batch_commit", "mid_redrive_finish",
)  # fmt: skip
# Of whoever takes a file in.
DOORS = ("before_receive", "mid_split", "after_receive")
# Of whoever moves images; each is passed by every batch, in this order (`mid_copy` by every image).
MOVES = (
    "before_start", "mid_start", "after_start", "before_batch", "after_batch_claim", "mid_copy", "before_copied",
    "after_copied", "after_deleted", "after_moved",
)  # fmt: skip
# Of whoever recovers.
RECOVERY = ("before_hand_back", "mid_hand_back")


class Failpoints:
    """The test's side: arm a point, and wait until somebody has come to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def arm(self, name: str, action: str = "kill") -> None:
        unfinished = self.folder / f".{name}"
        unfinished.write_text(action)
        unfinished.rename(self.folder / name)

    def disarm(self, name: str) -> None:
        """Whoever comes by from now on goes on."""
        (self.folder / name).unlink(missing_ok=True)

    def reached(self, name: str) -> int | None:
        """The process that came to the point, or None."""
        found = [int(path.suffix[1:]) for path in self.folder.glob(f"{name}.*")]
        return found[0] if found else None

    def release(self, name: str) -> None:
        """Let the process go on that holds there."""
        (self.folder / f"{name}-go").touch()

    def poison(self) -> None:
        """From now on, whoever decodes a line with POISON in it dies."""
        (self.folder / "poison").touch()


def hit(name: str) -> None:
    folder = Path(os.environ["FAILPOINTS"])
    mine = folder / f"{name}.{os.getpid()}"
    try:
        (folder / name).rename(mine)
    except FileNotFoundError:
        return
    action, _, argument = mine.read_text().partition(":")
    ACTIONS[action](argument or name)


def install() -> None:
    """Wrap the engine's functions, where their callers look them up."""
    from batches import kinds
    from batches.letters import advance, try_lines, work_redrives
    from batches.pipeline import bring_in, copy_rows, finish, merge, prepare, receive, stop_sign, take_in, write
    from batches.pipeline import hand_back as hand_back_step
    from batches.pipeline import recover as recover_step

    _around(prepare, "claim_chunk", before="before_claim", after="after_claim")
    _within_decoding(kinds)
    _around(bring_in, "write_chunk", before="before_write", after="after_commit")
    _around(copy_rows, "copy_rows", after="after_copy")
    _around(merge, "copy_rows", after="after_copy")
    _around(write, "_finish_chunk", after="before_commit")
    _around(bring_in, "finish_file", before="before_finish", after="after_finish")
    _around(finish, "finish_job", before="mid_finish")
    _around(work_redrives, "claim_redrive", before="before_redrive_claim", after="after_redrive_claim")
    _around(work_redrives, "next_batch", after="after_mark")
    _around(try_lines, "fetch_lines", after="mid_fetch")
    _around(advance, "_commit", before="before_batch", after="after_batch_commit")
    _around(advance, "write_back", after="after_write_back")
    _around(advance, "settle_items", before="before_items")
    _around(advance, "_go_on", after="before_batch_commit")
    _around(advance, "finish_redrive", after="mid_redrive_finish")
    _around(take_in, "receive_for", before="before_receive")
    _around(receive, "split_file", after="mid_split")
    _around(receive, "wake_workers", before="after_receive")
    _around(stop_sign, "show", after="stop_shown")
    _around(recover_step, "hand_back", before="before_hand_back")
    _around_moves()
    _around(hand_back_step, "_retry", after="mid_hand_back")


def _around_moves() -> None:
    from batches.moves import start
    from batches.moves import work as move_step

    _around(move_step, "start_file", before="before_start", after="after_start")
    _around(start, "_mark", after="mid_start")
    _around(move_step, "claim_batch", before="before_batch", after="after_batch_claim")
    _around(move_step, "copy_image", after="mid_copy")
    _around(move_step, "record_copied", before="before_copied", after="after_copied")
    _around(move_step, "delete_sources", after="after_deleted")
    _around(move_step, "record_moved", after="after_moved")
    _around(move_step, "fail_images", after="after_failed")


def break_the_fence() -> None:
    """The engine with the bug that this suite must notice: a chunk is finished without looking at its lease."""
    from batches.models import Chunk
    from batches.pipeline import write

    def finish_chunk(claim: Any, parsed: Any, tally: Any, seconds: float) -> None:
        Chunk.objects.filter(pk=claim.chunk_id).update(
            status="done", leased_until=None, physical_lines=parsed.physical_lines, **tally.counters()
        )

    write._finish_chunk = finish_chunk


def hurry() -> None:
    """A process that waits for the broker a thousand times as fast: the same tries, the pauses between them short."""
    from kombu.utils import functional

    vars(functional)["sleep"] = lambda seconds: time.sleep(seconds / 1000)


def _around(module: ModuleType, name: str, *, before: str = "", after: str = "") -> None:
    original: Callable[..., Any] = getattr(module, name)

    @wraps(original)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if before:
            hit(before)
        result = original(*args, **kwargs)
        # A claim of nothing is no claim.
        if after and not (after.endswith("_claim") and result is None):
            hit(after)
        return result

    setattr(module, name, wrapped)


def _within_decoding(kinds: Any) -> None:
    """At the third line of a chunk; and at the poisoned one, every time."""
    original = kinds.get

    def get(name: str) -> Any:
        kind, numbers = original(name), count(1)

        def decode(data: bytes) -> Any:
            if next(numbers) == 3:
                hit("mid_parse")
            if POISON in data and (Path(os.environ["FAILPOINTS"]) / "poison").exists():
                _kill("")
            return kind.decode(data)

        return kind._replace(decode=decode)

    kinds.get = get


def _kill(_: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(PATIENCE)  # the signal is on its way: nothing more may happen here


def _kill_group(_: str) -> None:
    os.killpg(os.getpgrp(), signal.SIGKILL)
    time.sleep(PATIENCE)


def _stop(_: str) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _hold(name: str) -> None:
    go = Path(os.environ["FAILPOINTS"]) / f"{name}-go"
    assert wait_until(go.exists, PATIENCE), f"nobody released {name}"


def _refuse(sqlstate: str) -> None:
    """The server itself raises this error, in the transaction that is open here."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'injected' USING ERRCODE = '{sqlstate}'; END $$")


def _cut(_: str) -> None:
    """The server ends the connection that is in use here."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def _note(_: str) -> None:
    """The test wants to know that somebody came by, no more."""


ACTIONS: dict[str, Callable[[str], None]] = {
    "note": _note,
    "kill": _kill,
    "kill_group": _kill_group,
    "stop": _stop,
    "hold": _hold,
    "refuse": _refuse,
    "cut": _cut,
}
