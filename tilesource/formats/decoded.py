"""Pixels that can only be decoded many at a time, kept for the next read within a budget.

These are the strips and chunks of untiled images, and whole images of formats without parts.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import pyvips

from tilesource.config import getConfig


@dataclass(slots=True, eq=False)
class _Entry:
    lock: threading.Lock = field(default_factory=threading.Lock)
    value: Any = None
    bytes: int = 0


class DecodedCache:
    """Decoded parts of all open files, each made by one thread; the least recently used go first.

    The one used last stays, however large it is. Whoever has one that is dropped may go on with it.
    """

    def __init__(self, budget: Callable[[], int]) -> None:
        """`budget` tells how many bytes may be held; it is asked each time something is added."""
        self._budget = budget
        self._used = 0
        self._lock = threading.Lock()
        self._entries: OrderedDict[tuple[object, Hashable], _Entry] = OrderedDict()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin_anew)

    def get(self, owner: object, part: Hashable, decode: Callable[[], Any]) -> Any:
        """Return a part of an open file, decoded unless it is held; None is not held."""
        key = owner, part
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
        with entry.lock:
            if entry.value is None:
                try:
                    entry.value = decode()
                finally:
                    self._account(key, entry)
        return entry.value

    def forget(self, owner: object) -> None:
        """Drop the parts of a file that is closed."""
        with self._lock:
            for key in [key for key in self._entries if key[0] is owner]:
                self._drop(key)

    @property
    def used_bytes(self) -> int:
        """Return how many bytes are held."""
        return self._used

    def __len__(self) -> int:
        return len(self._entries)

    def _begin_anew(self) -> None:
        """Forget, in a forked process, locks of threads that are not there."""
        self._lock, self._used = threading.Lock(), 0
        self._entries = OrderedDict()

    def _account(self, key: tuple[object, Hashable], entry: _Entry) -> None:
        """Count what was decoded, unless it has been dropped since, and keep to the budget."""
        with self._lock:
            if self._entries.get(key) is not entry:
                return
            if entry.value is None:
                self._drop(key)
                return
            entry.bytes = _size(entry.value)
            self._used += entry.bytes
            while self._used > self._budget() and len(self._entries) > 1:
                self._drop(next(other for other in self._entries if other != key))

    def _drop(self, key: tuple[object, Hashable]) -> None:
        self._used -= self._entries.pop(key).bytes


def _size(value: Any) -> int:
    """Return the bytes of an array, or of a libvips image once it is decoded."""
    if not isinstance(value, pyvips.Image):
        return int(value.nbytes)
    sample = {"uchar": 1, "char": 1, "ushort": 2, "short": 2, "double": 8}.get(value.format, 4)
    return int(value.width * value.height * value.bands * sample)


DECODED = DecodedCache(lambda: int(getConfig("cache_decoded_bytes")))
"""What this process has decoded of all its files."""
