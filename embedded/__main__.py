"""Command line of the embedded servers. Exit code 1: something failed; 2: put something right first."""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import embedded
from embedded import control, process, programs, state
from embedded.process import EmbeddedError
from embedded.supervisor import SIGNALS, Supervisor


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        code: int = options.verb(options)
    except (EmbeddedError, OSError) as fault:
        print(f"embedded: {fault}", file=sys.stderr)
        return 1
    return code


def execute(options: argparse.Namespace) -> int:
    """Run a command with both servers; return its exit code."""
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        print("embedded: exec needs a command: python -m embedded exec -- COMMAND…", file=sys.stderr)
        return 2
    with Supervisor(options.root) as supervisor:
        try:
            child = subprocess.Popen(command, preexec_fn=process.die_with_parent(signal.SIGTERM))  # noqa: PLW1509
        except OSError as fault:
            print(f"embedded: {command[0]}: {fault.strerror}", file=sys.stderr)
            return 127
        _forward_signals(child)
        while child.poll() is None:
            supervisor.poll()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=0.2)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def run(options: argparse.Namespace) -> int:
    """Run the whole site until a signal comes."""
    port = options.web_port
    if not state.port_is_free(port):
        print(f"embedded: port {port} is taken: end what uses it, or choose another with --web-port.", file=sys.stderr)
        return 2
    with Supervisor(options.root, programs.site(options.root, port)) as supervisor:
        while state.port_is_free(port):
            supervisor.poll()
            supervisor.check()
            time.sleep(0.1)
        print(f"Nightshelf: http://127.0.0.1:{port}/  Logs: var/log/, var/embedded/  Ctrl-C stops it.", flush=True)
        supervisor.wait()
        print("Stopping…", flush=True)
    return 0


def status(options: argparse.Namespace) -> int:
    """Say what runs; return 1 if a server that should does not."""
    return control.status(options.root)


def stop(options: argparse.Namespace) -> int:
    """End every launcher and what launchers left behind."""
    control.stop(options.root)
    if options.purge:
        control.purge(options.root)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m embedded", description=embedded.__doc__)
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[1], help="whose var/ to use")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for name, verb in {"exec": execute, "run": run, "status": status, "stop": stop}.items():
        verbs.add_parser(name, help=verb.__doc__, description=verb.__doc__).set_defaults(verb=verb)
    verbs.choices["exec"].add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND…")
    verbs.choices["run"].add_argument("--web-port", type=int, default=8000, metavar="PORT")
    verbs.choices["stop"].add_argument("--purge", action="store_true", help="and delete database and broker")
    return parser


def _forward_signals(child: subprocess.Popen[bytes]) -> None:
    def forward(number: int, _frame: FrameType | None) -> None:
        # A Ctrl-C goes to the terminal's whole foreground group, so the command has got it already.
        if number != signal.SIGINT or not _in_foreground():
            child.send_signal(number)

    for number in SIGNALS:
        signal.signal(number, forward)


def _in_foreground() -> bool:
    try:
        with open("/dev/tty", encoding="ascii") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
