"""Whether database and storage answer. While one of them is away, receiving messages would only use up their tries."""

from __future__ import annotations

import threading

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from batches.doors.patience import Patience
from storage import result_storage
from storage.port import StorageFault


def await_ready(stop: threading.Event) -> bool:
    """Until both answer: True. False when asked to stop before that."""
    patience = Patience("door")
    while not stop.is_set():
        if not (fault := _fault()):
            patience.over()
            return True
        patience.wait(stop, fault)
    return False


def _fault() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        next(iter(result_storage().listing(settings.RESULT_PREFIX)), None)
    except (OperationalError, InterfaceError) as fault:
        connection.close()
        return f"The database does not answer: {str(fault).strip().splitlines()[0]}"
    except StorageFault as fault:
        return str(fault)
    return ""
