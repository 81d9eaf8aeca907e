"""Work is done again if its worker is lost, and only then.

Redis hands a message out again if it is not acknowledged within the visibility timeout, be it that
its worker is dead or that its task takes long. A living worker therefore renews its messages.
"""

from __future__ import annotations

import ctypes
import signal
import sys
import time
from typing import Any

from celery.signals import worker_process_init, worker_ready

from girder_tiles_worker.settings import worker_settings

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def connect() -> None:
    """Listen to the workers of this process."""
    worker_ready.connect(keep_visible)
    worker_process_init.connect(die_with_worker)


def keep_visible(sender: Any = None, **_: Any) -> None:
    """Renew the messages of a worker for as long as it lives."""

    def renew() -> None:
        qos = sender.task_consumer.channel.qos
        # kombu has no public name for what is not acknowledged yet, and only Redis has the index.
        tags = list(getattr(qos, "_delivered", ()))
        if tags and hasattr(qos, "unacked_index_key"):
            with qos.channel.conn_or_acquire() as client:
                client.zadd(qos.unacked_index_key, {tag: time.time() for tag in tags}, xx=True)

    sender.timer.call_repeatedly(worker_settings().renewal_interval, renew)


def die_with_worker(**_: Any) -> None:
    """Let the kernel end this pool process when its worker is killed.

    An orphan would go on with a task that is given to another worker, too.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
