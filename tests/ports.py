"""Ports for the servers that tests start."""

from __future__ import annotations

import os
from random import sample

from embedded.state import port_is_free

# Below the range from which systems draw the ports of outgoing connections: those of tests beside this one are many.
# Each process that runs tests has a share of its own, and takes no port twice: a server that is down for a moment
# finds its port free when it is started again.
_FIRST, _SHARE, _SHARES = 10_000, 500, 20
_number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _SHARES
_untaken = iter(sample(range(_FIRST + _number * _SHARE, _FIRST + (_number + 1) * _SHARE), _SHARE))


def free_port() -> int:
    return next(port for port in _untaken if port_is_free(port))
