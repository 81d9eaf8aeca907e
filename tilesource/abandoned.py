"""Files of sources that nobody closed, closed when it is safe to.

The garbage collector finds such a source in the middle of any allocation, in a thread that may hold
the very lock that closing takes, and would wait for itself. So it only notes what is to be closed.
"""

from __future__ import annotations

import atexit
from collections import deque
from collections.abc import Callable
from contextlib import suppress

_CLOSING: deque[Callable[[], None]] = deque()


def abandon(close: Callable[[], None]) -> None:
    """Note what closes a file; takes no lock."""
    _CLOSING.append(close)


@atexit.register
def close_abandoned() -> None:
    """Close the noted files; the caller holds no lock."""
    while close := _next():
        close()


def _next() -> Callable[[], None] | None:
    with suppress(IndexError):
        return _CLOSING.popleft()
    return None
