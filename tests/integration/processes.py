"""manage.py in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 300  # seconds; whoever waits for nothing should not wait for ever
Finished = subprocess.CompletedProcess[bytes]


def manage(
    environment: Mapping[str, str], *arguments: str, stdin: bytes = b"", prefix: tuple[str, ...] = ()
) -> Finished:
    command = [*prefix, sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=PROJECT, env=dict(environment), input=stdin, capture_output=True, check=False, timeout=PATIENCE
    )


def started(environment: Mapping[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.Popen(
        command,
        cwd=PROJECT,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    )


def the_object(output: bytes) -> dict[str, Any]:
    """Standard output is one JSON object on one line, and nothing else."""
    assert output.count(b"\n") == 1, output
    told = json.loads(output)
    assert isinstance(told, dict)
    return told
