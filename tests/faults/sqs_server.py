"""SQS (moto's) in a process of its own, so that it can be killed: `python -m tests.faults.sqs_server PORT`."""

from __future__ import annotations

import signal
import sys

from moto.server import ThreadedMotoServer

if __name__ == "__main__":
    ThreadedMotoServer(ip_address="127.0.0.1", port=int(sys.argv[1])).start()
    signal.pause()
