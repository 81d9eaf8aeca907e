"""Rows of an image that libvips decodes from top to bottom, without a copy of all its pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyvips

from tilesource.formats.base import Pixels
from tilesource.formats.vips import VipsReader, open_upright
from tilesource.geometry import Box


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
        """Return rows; None if they cannot be had in order, as of an image upside down."""
        info = self._reader.info
        try:
            data = self._rows.fetch(box.x, box.y, box.width, box.height)
        except pyvips.Error:
            return None
        return np.frombuffer(data, info.dtype).reshape(box.height, box.width, info.bands)
