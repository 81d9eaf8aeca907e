"""Pixels of any number of frames in a temporary file, in chunks that are written when needed.

Places are any whole numbers, negative ones too. The file is as large as what has been written.
"""

from __future__ import annotations

import os
import tempfile
import threading
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from tilesource.errors import InvalidRequest, TileSourceError
from tilesource.formats.base import Pixels
from tilesource.geometry import Box
from tilesource.sinks.layout import Layout

CHUNK = 512  # the side of a chunk in pixels

Key = tuple[int, int, int]  # frame, row and column of a chunk
Change = Callable[[Pixels, Box, Layout], Pixels]


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where a chunk is in the file, and what its pixels are."""

    offset: int
    layout: Layout

    @property
    def row_size(self) -> int:
        """Return the bytes of a row of pixels."""
        return CHUNK * (self.layout.colours + 1) * self.layout.dtype.itemsize

    @property
    def size(self) -> int:
        """Return the bytes of all rows."""
        return CHUNK * self.row_size


class ChunkStore:
    """Chunks of pixels on disk; several threads may read and write."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="tilesource-")  # noqa: SIM115 - see close
        # Closed at the latest when nobody has the store any more.
        self._closing = weakref.finalize(self, self._file.close)
        self._layout: Layout | None = None
        self._slots: dict[Key, _Slot] = {}
        self._free: dict[int, list[int]] = defaultdict(list)
        self._end = 0
        self._lock = threading.Lock()

    def close(self) -> None:
        """Give the disk space back."""
        self._closing()

    def make_room(self, layout: Layout) -> None:
        """Let pixels of a layout in, beside those that are there."""
        with self._lock:
            self._layout = self._layout.joined(layout) if self._layout else layout

    def read(self, frame: int, box: Box, layout: Layout) -> Pixels:
        """Return the pixels of a box in a layout that has room for them."""
        out = layout.empty(box.height, box.width)
        for key, part in _parts(frame, box):
            with self._lock:
                slot = self._slots.get(key)
                rows = None if slot is None else self._load(slot, *_rows(key, part))
            if slot is not None and rows is not None:
                y, x = part.y - box.y, part.x - box.x
                taken = layout.take(rows[:, _columns(key, part)], slot.layout)
                out[y : y + part.height, x : x + part.width] = taken
        return out

    def change(self, frame: int, box: Box, changed: Change) -> None:
        """Replace the pixels of each part of a box by what a function makes of them."""
        for key, part in _parts(frame, box):
            with self._lock:
                slot = self._slot_for(key)
                top, height = _rows(key, part)
                rows, columns = self._load(slot, top, height), _columns(key, part)
                rows[:, columns] = changed(rows[:, columns], part, slot.layout)
                self._save(slot, top, rows)

    def _slot_for(self, key: Key) -> _Slot:
        """Return a chunk's place, which has room for all there is."""
        if self._layout is None:
            raise InvalidRequest("the store has no room for pixels yet")
        old = self._slots.get(key)
        if old is not None and old.layout == self._layout:
            return old
        slot = self._allocate(self._layout)
        if old is not None:
            self._save(slot, 0, slot.layout.take(self._load(old, 0, CHUNK), old.layout))
            self._free[old.size].append(old.offset)
        self._slots[key] = slot
        return slot

    def _load(self, slot: _Slot, top: int, height: int) -> Pixels:
        """Return rows of a chunk; those that were never written are empty."""
        data = bytearray(height * slot.row_size)
        os.preadv(self._file.fileno(), [data], slot.offset + top * slot.row_size)
        return np.frombuffer(data, slot.layout.dtype).reshape(height, CHUNK, -1)

    def _save(self, slot: _Slot, top: int, rows: Pixels) -> None:
        try:
            _write_all(self._file.fileno(), rows.tobytes(), slot.offset + top * slot.row_size)
        except OSError as exc:
            raise TileSourceError(f"the tile cannot be kept: {exc.strerror or exc}") from exc

    def _allocate(self, layout: Layout) -> _Slot:
        """Return an empty place: a new one, which takes no disk space, or one that was given up."""
        slot = _Slot(self._end, layout)
        if not self._free[slot.size]:
            self._end += slot.size
            return slot
        slot = _Slot(self._free[slot.size].pop(), layout)
        self._save(slot, 0, layout.empty(CHUNK, CHUNK))
        return slot


def _write_all(descriptor: int, data: bytes, offset: int) -> None:
    """Write all bytes; one call may write less than it was given."""
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written


def _parts(frame: int, box: Box) -> Iterator[tuple[Key, Box]]:
    """Yield the chunks that a box touches, and the part of the box in each."""
    for row in range(box.y // CHUNK, -(-(box.y + box.height) // CHUNK)):
        for column in range(box.x // CHUNK, -(-(box.x + box.width) // CHUNK)):
            left, top = max(box.x, column * CHUNK), max(box.y, row * CHUNK)
            right = min(box.x + box.width, (column + 1) * CHUNK)
            bottom = min(box.y + box.height, (row + 1) * CHUNK)
            yield (frame, row, column), Box(x=left, y=top, width=right - left, height=bottom - top)


def _rows(key: Key, part: Box) -> tuple[int, int]:
    """Return the first row of a part within its chunk, and the number of rows."""
    return part.y - key[1] * CHUNK, part.height


def _columns(key: Key, part: Box) -> slice:
    """Return the columns of a part within its chunk."""
    left = part.x - key[2] * CHUNK
    return slice(left, left + part.width)
