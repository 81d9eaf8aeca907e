"""Rows of an image that libvips decodes from top to bottom, without a copy of all its pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyvips

from tilesource.formats.base import Pixels
from tilesource.formats.vips import VipsReader, open_upright
from tilesource.geometry import Box

_ROWS = 64  # that are fetched at a time


class RowStream:
    """An open image whose frames are read once each, top to bottom, by one thread."""

    def __init__(self, reader: VipsReader) -> None:
        self._reader = reader
        self._frame = -1
        self._rows: Any = None

    def read(self, frame: int, box: Box) -> Pixels:
        """Return the full-width rows of a box; they follow those read before."""
        if frame != self._frame:
            self._frame, self._rows = frame, self._start(frame)
        rows = None if self._rows is None else self._fetch(box)
        if rows is not None:
            return rows
        self._rows = None
        return self._reader.read(0, frame, box.x, box.y, box.width, box.height)

    def _start(self, frame: int) -> Any:
        try:
            return pyvips.Region.new(open_upright(self._reader.path, frame, "sequential"))
        except pyvips.Error:
            return None

    def _fetch(self, box: Box) -> Pixels | None:
        """Return rows; None if they cannot be had in order, as of an image upside down.

        They are taken a few at a time: libvips would make, and keep, caches of that many rows.
        """
        info, bottom = self._reader.info, box.y + box.height
        out = np.empty((box.height, box.width, info.bands), info.dtype)
        try:
            for top in range(box.y, bottom, _ROWS):
                count = min(_ROWS, bottom - top)
                data = self._rows.fetch(box.x, top, box.width, count)
                rows = np.frombuffer(data, info.dtype).reshape(count, box.width, info.bands)
                out[top - box.y : top - box.y + count] = rows
        except pyvips.Error:
            return None
        return out
