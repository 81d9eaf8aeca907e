"""Large results, each of which holds all of its pixels: a process computes few of them at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from girder_tiles.errors import Busy

LARGE_PIXELS = 16_000_000
AT_ONCE = 2
WAIT_SECONDS = 20

_TURNS = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def turn(width: int, height: int) -> Iterator[None]:
    """Compute a result of this size when it is its turn; small ones never wait."""
    if width * height < LARGE_PIXELS:
        yield
        return
    if not _TURNS.acquire(timeout=WAIT_SECONDS):
        raise Busy("This server is busy with other large images. Try again later.")
    try:
        yield
    finally:
        _TURNS.release()
