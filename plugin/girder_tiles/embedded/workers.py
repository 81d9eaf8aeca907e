"""The two Celery workers: conversions anywhere, and Girder's own tasks beside the server."""

import signal
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path

import redis
from celery import Celery
from kombu.exceptions import OperationalError

from girder_tiles.embedded.guarded_process import Command
from girder_tiles.embedded.service import Probe, ServiceSpec

PING_TIMEOUT_SECONDS = 0.3


def worker(
    name: str,
    *,
    queue: str,
    processes: int,
    state: Path,
    broker: str,
    environment: Mapping[str, str],
) -> ServiceSpec:
    """Return a Celery worker of one queue."""
    # Unique, as a given Redis may serve other installations too.
    node = f"{name}-{uuid.uuid4().hex[:8]}@girder-tiles"
    options = ["-Q", queue, "-c", str(processes), "-n", node, "-l", "INFO"]
    lonely = ["--without-gossip", "--without-mingle"]  # a second less; nothing here uses either
    return ServiceSpec(
        name=name,
        description=f"The Celery worker of queue `{queue}`",
        address=node,
        probe=_probe(broker, node),
        ways_out="Mend what the log says, and start again.",
        command=Command(
            words=[
                *(sys.executable, "-m", "celery", "-A", "girder_worker.app", "worker"),
                *(*options, *lonely),
            ],
            log=state / "logs" / f"{name}.log",
            environment=environment,
            folder=state,
            # Celery's cold shutdown: a running task goes back to the queue, for the next start.
            stop_signal=signal.SIGQUIT,
            grace_seconds=5,
        ),
    )


def _probe(broker: str, node: str) -> Probe:
    def ping() -> str | None:
        try:
            # A connection of its own: those of Celery's pool are dead once Redis was restarted.
            with (
                Celery(broker=broker, set_as_current=False) as app,
                app.connection_for_write() as connection,
            ):
                answers = app.control.ping(
                    destination=[node], timeout=PING_TIMEOUT_SECONDS, connection=connection
                )
        except (OperationalError, redis.RedisError) as exc:
            return f"the broker does not answer: {exc}"
        return None if answers else "it does not answer"

    return ping
