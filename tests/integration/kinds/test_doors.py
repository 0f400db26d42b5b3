"""Each door can say the kind, or takes it from the job."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from batches.layout import result_key
from batches.models import CountedStock, Job, ProductProposal
from batches.pipeline.sweep import sweep
from tests.builders import jsonl, landed, run_all
from tests.kinds import COUNTS_JOB, a_location, a_product, count_line, counts_job, proposal_line

pytestmark = pytest.mark.django_db(transaction=True)


def ingest(path: Path, **options: Any) -> dict[str, Any]:
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("ingest", str(path), json=True, stdout=out, **options)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def a_file(folder: Path, content: bytes, name: str = "proposals.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_the_command_says_the_kind_once(tmp_path: Path) -> None:
    first = a_file(tmp_path, jsonl([proposal_line()]))
    assert ingest(first, kind="products", job="night")["job"] == "night"
    ingest(a_file(tmp_path, jsonl([proposal_line("CUP-1")]), "more.jsonl"), job="night")
    run_all()
    assert Job.objects.get().kind == "products"
    assert ProductProposal.objects.count() == 2


def test_the_command_refuses_another_kind(tmp_path: Path) -> None:
    path = a_file(tmp_path, jsonl([proposal_line()]))
    ingest(path, kind="products", job="night")
    with pytest.raises(CommandError, match="kind 'products', not 'receipts'"):
        call_command("ingest", str(path), job="night", kind="receipts")


def test_the_sweep_takes_the_kind_from_the_job() -> None:
    a_product()
    a_location()
    counts_job()
    landed(result_key(COUNTS_JOB, "counts.jsonl"), jsonl([count_line()]))
    assert sweep() == 1
    run_all()
    assert CountedStock.objects.get().quantity == 12
