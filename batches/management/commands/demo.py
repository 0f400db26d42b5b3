"""`manage.py demo`: from nothing to a served admin with a shop and a night's work in it, by the real way."""

from __future__ import annotations

import os
import secrets
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from batches import balance
from batches.balance import Balance
from batches.models import ImageUpload, Job, Transaction
from batches.models.chunk import COUNTERS
from batches.sample.land import is_landed, land
from batches.sample.nights import Night, nights
from batches.sample.shop import await_pictures, fill_shop, told_of_shop
from batches.states import JobStatus, UploadStatus
from embedded import programs
from embedded.process import EmbeddedError
from embedded.state import port_is_free
from embedded.supervisor import Stop, Supervisor
from pages.terminal import Progress

ENDS = (JobStatus.FINISHED, JobStatus.WITH_LETTERS, JobStatus.FAILED)
MOST_SECONDS = 600
PASSWORD_FILE = Path(settings.BASE_DIR) / "var" / "demo-password"


class Command(BaseCommand):
    help = (
        "Start everything, let a sample of result files land in storage, wait until it is taken in, and serve the"
        " admin until Ctrl-C. Run again, it changes nothing. Exit code 0 only if the balance holds."
    )
    # The servers are not up yet when Django would look at them.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="stop when the sample is taken in")
        parser.add_argument("--receipts", type=int, default=20_000)
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *, no_serve: bool, receipts: int, port: int, **_: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo is not for production: it makes an administrator and a sample.", returncode=2)
        if not no_serve and not port_is_free(port):
            raise CommandError(f"Port {port} is taken: end what uses it, or choose another with --port.", returncode=2)
        os.chdir(settings.BASE_DIR)
        try:
            self._run(receipts, port, serve=not no_serve)
        except EmbeddedError as fault:
            raise CommandError(str(fault)) from None
        except Stop as stop:
            self.stderr.write("Stopped.")
            sys.exit(stop.code if no_serve else 0)

    def _run(self, receipts: int, port: int, *, serve: bool) -> None:
        with Supervisor(settings.BASE_DIR) as supervisor:
            self.stderr.write(f"{_where_the_data_is()} is up.")
            call_command("migrate", verbosity=0)
            password = _administrator()
            fill_shop()
            plan = list(nights(receipts))
            unchanged = _is_taken_in(plan)
            if not all(is_landed(night) for night in plan):
                _land(plan)
            for program in programs.site(settings.BASE_DIR, port)[0 if serve else 1 :]:
                supervisor.start(program)
            finished = _await(plan, supervisor) and _await_moves(plan, supervisor) and await_pictures(supervisor)
            self._tell(plan, unchanged=unchanged)
            agrees, sentence = told_of_shop()
            self.stdout.write(sentence)
            if not finished or not agrees or not _is_right(plan):
                raise CommandError("The balance does not hold: see the jobs' pages and var/log/.")
            if serve:
                self._where(port, password)
                supervisor.wait()

    def _tell(self, plan: list[Night], *, unchanged: bool) -> None:
        sums = [balance.of_job(Job.objects.get(job_id=night.job_id).pk) for night in plan]
        self.stdout.write("")
        self.stdout.write(f"{'job':20}" + "".join(f"{name:>12}" for name in COUNTERS))
        for night, told in zip(plan, sums, strict=True):
            self.stdout.write(f"{night.job_id:20}" + _row(told))
        total = Balance(**{name: sum(getattr(told, name) for told in sums) for name in COUNTERS})
        self.stdout.write(f"{'all':20}" + _row(total))
        equation = " + ".join(f"{getattr(total, name):,}" for name in COUNTERS[1:])
        verdict = "holds" if total.holds else "DOES NOT HOLD"
        self.stdout.write(f"\nThe balance {verdict}: {total.read:,} read = {equation}.")
        moved, failed = (_images(plan, state) for state in (UploadStatus.MOVED, UploadStatus.FAILED))
        self.stdout.write(f"Images: {moved:,} moved to processed/, {failed:,} could not be (one was lost on purpose).")
        if unchanged:
            self.stdout.write("The sample was there already: nothing was changed.")

    def _where(self, port: int, password: str) -> None:
        address = f"http://127.0.0.1:{port}/admin/"
        self.stdout.write(f"\n  Open      {address}\n  User      admin\n  Password  {password}\n")
        self.stdout.write(f"  Jobs      {address}batches/job/\n  Letters   {address}batches/deadletter/\n")
        self.stdout.write(f"  Products  {address}catalog/product/\n  Stock     {address}inventory/stocklevel/\n")
        self.stdout.write("\nCtrl-C stops everything.")
        self.stdout.flush()


def _where_the_data_is() -> str:
    embedded = settings.EMBEDDED_DATABASE, settings.EMBEDDED_BROKER
    return {
        (True, True): "The embedded database and broker (var/embedded/)",
        (True, False): "The embedded database (var/embedded/)",
        (False, True): "The embedded broker (var/embedded/)",
        (False, False): "What DATABASE_URL and CELERY_BROKER_URL name",
    }[embedded]


def _administrator() -> str:
    """The password of `admin`, made up at the first run and kept where only this user can read it."""
    users = get_user_model().objects
    if PASSWORD_FILE.exists() and users.filter(username="admin").exists():
        return PASSWORD_FILE.read_text().strip()
    password = secrets.token_urlsafe(12)
    PASSWORD_FILE.parent.mkdir(exist_ok=True)
    PASSWORD_FILE.touch(mode=0o600)
    PASSWORD_FILE.write_text(password)
    admin, _ = users.get_or_create(username="admin", defaults={"is_staff": True, "is_superuser": True})
    admin.set_password(password)
    admin.save()
    return password


def _land(plan: list[Night]) -> None:
    total, done = sum(len(night.images) for night in plan), 0
    with Progress("uploading images") as progress:

        def seen(count: int) -> None:
            nonlocal done
            done += count
            progress.show(done, total, done)

        for night in plan:
            land(night, seen)


def _await(plan: list[Night], supervisor: Supervisor) -> bool:
    """Watch the workers take the sample in, keeping everything alive meanwhile. False when it takes too long."""
    until, total = time.monotonic() + MOST_SECONDS, sum(len(night.results()) for night in plan)
    with Progress("taking in results") as progress:
        while time.monotonic() < until:
            supervisor.poll()
            supervisor.check()
            jobs = Job.objects.filter(job_id__in=[night.job_id for night in plan])
            sums = balance.of_jobs(jobs.values_list("pk", flat=True)).values()
            progress.show(sum(told.size - told.pending for told in sums), total, sum(told.read for told in sums))
            if _is_taken_in(plan):
                return True
            time.sleep(0.2)
    return False


def _await_moves(plan: list[Night], supervisor: Supervisor) -> bool:
    """Watch the workers move the images of what was read."""
    until, total = time.monotonic() + MOST_SECONDS, sum(night.rows for night in plan)
    with Progress("moving images") as progress:
        while time.monotonic() < until:
            supervisor.poll()
            supervisor.check()
            done = sum(_images(plan, state) for state in (UploadStatus.MOVED, UploadStatus.FAILED))
            progress.show(done, total, done)
            if done >= total:
                return True
            time.sleep(0.2)
    return False


def _images(plan: list[Night], state: UploadStatus) -> int:
    return ImageUpload.objects.filter(job__job_id__in=[night.job_id for night in plan], status=state).count()


def _is_taken_in(plan: list[Night]) -> bool:
    ended = Job.objects.filter(job_id__in=[night.job_id for night in plan], status__in=ENDS)
    return ended.count() == len(plan)


def _is_right(plan: list[Night]) -> bool:
    """Every line accounted for, as the sample was made: by the counters, and by the rows themselves."""
    return all(_night_is_right(night, Job.objects.get(job_id=night.job_id)) for night in plan)


def _night_is_right(night: Night, job: Job) -> bool:
    told = balance.of_job(job.pk)
    expected = (len(night.lines), night.rows, night.dead, night.repeated, 0, 0, 0)
    seen = (told.read, told.inserted, told.dead, told.superseded, told.updated, told.unchanged, told.pending)
    moved = ImageUpload.objects.filter(job=job, status=UploadStatus.MOVED).count()
    return (
        seen == expected
        and Transaction.objects.filter(job=job).count() == night.rows
        and moved == night.rows - night.lost
    )


def _row(told: Balance) -> str:
    return "".join(f"{getattr(told, name):>12,}" for name in COUNTERS)
