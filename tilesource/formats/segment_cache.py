"""Decoded strips, kept so that the next tile of the same rows need not decode them again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from tilesource.formats.base import Pixels

_BUDGET = 1 << 27


class SegmentCache:
    """The segments used last, up to a budget of bytes; safe in many threads."""

    def __init__(self, budget_bytes: int = _BUDGET) -> None:
        self.budget_bytes = budget_bytes
        self._held: OrderedDict[tuple[object, Hashable], Pixels] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(
        self, owner: object, segment: Hashable, decode: Callable[[], Pixels | None]
    ) -> Pixels | None:
        """Return a segment of an open file, decoded unless it is held."""
        key = (owner, segment)
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        pixels = decode()
        if pixels is not None and pixels.nbytes <= self.budget_bytes:
            self._put(key, pixels)
        return pixels

    def forget(self, owner: object) -> None:
        """Drop the segments of a file that is closed."""
        with self._lock:
            for key in [key for key in self._held if key[0] is owner]:
                self._bytes -= self._held.pop(key).nbytes

    def _put(self, key: tuple[object, Hashable], pixels: Pixels) -> None:
        with self._lock:
            if key in self._held:
                return
            self._held[key] = pixels
            self._bytes += pixels.nbytes
            while self._bytes > self.budget_bytes:
                self._bytes -= self._held.popitem(last=False)[1].nbytes


STRIPS = SegmentCache()
"""The strips of all open files."""
