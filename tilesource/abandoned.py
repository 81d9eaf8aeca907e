"""Files of sources that nobody closed, closed when it is safe to.

The garbage collector finds such a source in the middle of any allocation, in a thread that may hold
the very lock that closing takes, and would wait for itself. So it only notes what is to be closed.
"""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable

from tilesource.config import getConfig
from tilesource.errors import TileSourceError

_CLOSING: deque[Callable[[], None]] = deque()


def abandon(close: Callable[[], None]) -> None:
    """Note what closes a file; takes no lock."""
    _CLOSING.append(close)


def close_abandoned() -> None:
    """Close the noted files; the caller holds no lock."""
    while close := _next():
        try:
            close()
        except (OSError, TileSourceError) as exc:  # none of the caller's business
            getConfig("logger").warning("A file could not be closed: %s", exc)


def _next() -> Callable[[], None] | None:
    try:
        return _CLOSING.popleft()
    except IndexError:
        return None


# At the end of the program, finalizers run the newest first: this one after those of all sources.
weakref.finalize(abandon, close_abandoned)
