"""How often a task was started: one that kills its worker must not go round for ever."""

from __future__ import annotations

from celery.backends.base import Backend
from celery.backends.redis import RedisBackend

from girder_tiles_worker.errors import ConversionFailed

MAXIMUM = 3
KEPT = 7 * 86400  # seconds


def count(backend: Backend, task_id: str) -> int:
    """Return the number of this attempt, or raise when there were too many."""
    if not isinstance(backend, RedisBackend):
        return 1
    key = f"girder_tiles:attempts:{task_id}"
    attempt = int(backend.client.incr(key))
    backend.client.expire(key, KEPT)
    if attempt > MAXIMUM:
        raise ConversionFailed(
            f"Given up after {MAXIMUM} attempts: each time the worker was lost, "
            "perhaps for lack of memory."
        )
    return attempt
