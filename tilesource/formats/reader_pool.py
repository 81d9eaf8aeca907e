"""A few of many files held open, so that a set of thousands does not need thousands of handles."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

Held = TypeVar("Held")


class ReaderPool(Generic[Held]):
    """What was opened last; one that is in use is never closed. Safe in many threads."""

    def __init__(self, most: int, close: Callable[[Held], None]) -> None:
        self._most = most
        self._close = close
        self._held: OrderedDict[Hashable, Held] = OrderedDict()
        self._users: dict[Hashable, int] = {}
        self._lock = threading.RLock()

    @contextmanager
    def borrow(self, key: Hashable, open_it: Callable[[], Held]) -> Iterator[Held]:
        """Give what is held under a key, opened if need be, until the block ends."""
        with self._lock:
            if key not in self._held:
                self._held[key] = open_it()
            self._held.move_to_end(key)
            self._users[key] = self._users.get(key, 0) + 1
            held = self._held[key]
        try:
            yield held
        finally:
            with self._lock:
                self._users[key] -= 1
                self._drop_idle()

    def close(self) -> None:
        """Close all; nothing is in use any more."""
        with self._lock:
            for held in self._held.values():
                self._close(held)
            self._held.clear()

    def _drop_idle(self) -> None:
        idle = [key for key in self._held if not self._users.get(key)]
        for key in idle[: max(len(self._held) - self._most, 0)]:
            self._close(self._held.pop(key))
            self._users.pop(key, None)
