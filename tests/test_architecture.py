"""The project's own rules, checked: who imports whom, what the locks hold, which variables are told."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
LOCKS = sorted((PROJECT / "requirements").glob("*.txt"))
READERS = {"read": 1, "required": 0, "choice": 0, "positive": 0, "time_zone": 0}  # where the name stands


def variables() -> set[str]:
    """Every variable that settings.py reads."""
    tree = ast.parse((PROJECT / "config" / "settings.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    names = [call.args[READERS[call.func.id]] for call in calls if call.func.id in READERS]  # type: ignore[attr-defined]
    assert all(isinstance(name, ast.Constant) for name in names)
    return {str(name.value) for name in names if isinstance(name, ast.Constant)}


def test_imports_go_downwards_only() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]

    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
    assert " 0 broken" in done.stdout


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_holds_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    pinned = re.findall(r"^[A-Za-z0-9].*?==", text, re.MULTILINE)

    assert "://" not in text
    assert len(pinned) > 10
    assert text.count("--hash=sha256:") >= len(pinned)


def test_there_are_locks() -> None:
    assert {"base.txt", "dev.txt"} <= {lock.name for lock in LOCKS}


def test_every_variable_is_in_the_example() -> None:
    told = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE))

    assert {"DATABASE_URL", "SECRET_KEY", "CHUNK_BYTES"} <= variables()
    assert variables() - told == set()


def test_settings_alone_read_the_environment() -> None:
    readers = re.compile(r"os\.environ(?!\.setdefault)|os\.getenv|\benv\.(str|int|bool|list|path)\b")
    apps = ("batches", "catalog", "inventory", "monitoring", "pages", "storage")
    files = [path for app in apps for path in (PROJECT / app).rglob("*.py")]

    assert [str(path.relative_to(PROJECT)) for path in files if readers.search(path.read_text())] == []


def test_no_module_of_the_engine_is_two() -> None:
    """Past 300 lines a module is two things (style, Shape 1)."""
    lengths = {path: len(path.read_text().splitlines()) for path in (PROJECT / "batches").rglob("*.py")}

    assert {
        str(path): length for path, length in lengths.items() if length > 300 and "migrations" not in str(path)
    } == {}
