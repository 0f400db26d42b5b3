"""Work on a transfer that waits: check it, write it, or export. In a worker, or in the request when it is small."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models.functions import Now

from catalog.models import Transfer, TransferKind, TransferRow, TransferStatus
from catalog.transfers.check import check
from catalog.transfers.judge import OUTCOMES
from catalog.transfers.lease import Claim, Heart, LeaseLost, claim_transfer, mine
from catalog.transfers.note_rows import Notes
from catalog.transfers.refused import BadFile
from catalog.transfers.run_export import run_export
from catalog.transfers.run_import import NotWhole, run_import
from catalog.transfers.wake import wake_transfers
from monitoring import telemetry
from monitoring.context import carrying
from storage.port import StorageFault

AT_ONCE = 1_000  # rows that a request has time for
PAUSE = timedelta(seconds=10)  # before something that may pass is tried again


def work_transfers() -> int:
    """Work until none waits, and return how many there were."""
    done = 0
    while claim := claim_transfer():
        work_on(claim)
        done += 1
    return done


def work_at_once(transfer_id: int) -> None:
    """Up to AT_ONCE rows are done when this returns; what has more is left to a worker."""
    if claim := claim_transfer(transfer_id):
        work_on(claim, most=AT_ONCE)
    wake_transfers()


def work_on(claim: Claim, most: int | None = None) -> None:
    """Never raises what is the transfer's own matter: it is kept with it, and shown."""
    with carrying(transfer=claim.transfer_id):
        heart = Heart(claim)
        try:
            _step(claim)(claim, heart, most)
        except LeaseLost as lost:
            telemetry.event("transfer_lease_lost", why=str(lost))
        except NotWhole as wrong:
            _fail_whole(claim, wrong)
        except BadFile as wrong:
            _fail(claim, str(wrong))
        except StorageFault as fault:
            _try_again(claim, str(fault)) if fault.retryable else _fail(claim, str(fault))
        except DatabaseError as fault:
            telemetry.fault("transfer_failed")
            _try_again(claim, f"The database refused it: {_first_line(fault)}")
        except Exception as fault:
            telemetry.fault("transfer_failed")
            _try_again(claim, f"Something unexpected went wrong: {_first_line(fault)}")
        finally:
            heart.stop()


def _step(claim: Claim) -> Callable[[Claim, Heart, int | None], object]:
    if claim.attempts > settings.MAX_ATTEMPTS:
        return _give_up
    transfer = Transfer.objects.get(pk=claim.transfer_id)
    if transfer.status == TransferStatus.CHECKING:
        return _check
    return _import if transfer.kind == TransferKind.IMPORT else _export


def _check(claim: Claim, heart: Heart, most: int | None) -> None:
    if not check(claim, heart, most):
        _release(claim)


def _import(claim: Claim, heart: Heart, most: int | None) -> None:
    if most is not None and (Transfer.objects.get(pk=claim.transfer_id).total or 0) > most:
        _release(claim)
    else:
        run_import(claim, heart)


def _export(claim: Claim, heart: Heart, most: int | None) -> None:
    if not run_export(claim, heart, most):
        _release(claim)


def _give_up(claim: Claim, heart: Heart, most: int | None) -> None:
    last = Transfer.objects.get(pk=claim.transfer_id).failure
    why = f" The last time: {last}" if last else " Its worker died, or ran out of time, each time."
    _fail(claim, f"It was tried {settings.MAX_ATTEMPTS} times.{why}")


def _release(claim: Claim) -> None:
    """To a worker. It was no try."""
    mine(claim).update(leased_until=None, attempts=0)


def _fail(claim: Claim, why: str) -> None:
    mine(claim).update(status=TransferStatus.FAILED, failure=why, finished_at=Now(), leased_until=None)
    telemetry.event("transfer_refused")


def _fail_whole(claim: Claim, wrong: NotWhole) -> None:
    """All was rolled back; the rows that stood in the way are told."""
    if mine(claim).exists():
        kept = TransferRow.objects.filter(transfer=claim.transfer_id)
        kept.filter(row__in=[each.row.number for each in wrong.refused]).delete()
        Notes(claim.transfer_id).write(wrong.refused)
    counts = dict.fromkeys(OUTCOMES, 0) | {"refused": len(wrong.refused)}
    mine(claim).update(done=0, **counts)
    _fail(claim, str(wrong))


def _try_again(claim: Claim, why: str) -> None:
    """After a pause, by whoever is free. With the database away this fails as well, and the lease runs out."""
    try:
        mine(claim).update(failure=why, leased_until=Now() + PAUSE)
    except DatabaseError:
        connection.close()


def _first_line(fault: Exception) -> str:
    return (str(fault).splitlines() or [type(fault).__name__])[0][:300]
