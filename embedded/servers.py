"""Which servers are embedded: those for which no address is configured."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from environs import Env

from embedded import postgres, valkey
from embedded.process import Program
from embedded.state import State


@dataclass(frozen=True)
class Server:
    name: str
    variable: str  # the address of an outside server, which then takes the place of this one
    prepare: Callable[[Path, State], Program]
    answers: Callable[[State], bool]
    port: Callable[[State], int]


ALL = (
    Server("postgres", "DATABASE_URL", postgres.prepare, postgres.answers, lambda state: state.postgres_port),
    Server("valkey", "CELERY_BROKER_URL", valkey.prepare, valkey.answers, lambda state: state.valkey_port),
)


def embedded(root: Path) -> list[Server]:
    """The servers to run here.

    Besides settings.py this alone looks at the environment (and .env, in the same way): the launcher has to know
    which servers to start before there are settings, and it must not import the project.
    """
    Env().read_env(str(root / ".env"), recurse=False)
    return [server for server in ALL if not os.environ.get(server.variable)]
