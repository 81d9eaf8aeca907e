"""A plane of pixels stored as they are, in one piece: read by rows, without a tag for each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import tifffile

from tilesource.errors import DamagedFile
from tilesource.formats.base import Pixels, RawTile
from tilesource.formats.file_bytes import FileBytes
from tilesource.formats.tiff_colour import TiffColour
from tilesource.formats.tiff_page import level_of

_BYTES = 1 << 20  # of one read, so that a small part of a large image costs little
_DEPTHS = (8, 16, 32, 64)


def is_plain(page: Any) -> bool:
    """Tell whether a page's pixels lie in one piece and need no decoding."""
    key = page.keyframe
    stored_as_is = key.compression == tifffile.COMPRESSION.NONE and key.predictor == 1
    in_one_piece = not key.is_tiled and page.is_contiguous and key.fillorder == 1
    contiguous = key.samplesperpixel == 1 or key.planarconfig == tifffile.PLANARCONFIG.CONTIG
    return bool(
        stored_as_is and in_one_piece and contiguous
        and key.bitspersample in _DEPTHS and key.imagedepth == 1 and key.sampleformat != 5
    )  # fmt: skip


class TiffPlane:
    """One of the planes that follow each other in the file; safe in many threads."""

    is_sparse = False
    can_reduce = False
    lossy = False

    def __init__(self, file: FileBytes, page: Any, number: int = 0) -> None:
        key = page.keyframe
        self._file = file
        self._colour = TiffColour(key)
        self.bands: int = self._colour.bands
        self.dtype = self._colour.dtype
        self._stored = np.dtype(key.dtype).newbyteorder(key.parent.byteorder)
        self._row = key.imagewidth * key.samplesperpixel * self._stored.itemsize
        self._samples = key.samplesperpixel
        self._offset = page.dataoffsets[0] + number * self._row * key.imagelength
        whole = level_of(key)
        rows = min(max(_BYTES // self._row, 1), whole.height)
        self.level = replace(whole, tile_height=rows)
        if self._offset + self._row * key.imagelength > file.size:
            raise DamagedFile(f"the TIFF is truncated: pixels lie beyond its {file.size:,} bytes")

    def is_stored(self, column: int, row: int) -> bool:
        """Tell whether the file stores any pixels of a segment."""
        return True

    def decode(self, column: int, row: int) -> Pixels:
        """Return some rows of pixels (height, width, bands)."""
        first = row * self.level.tile_height
        count = min(self.level.tile_height, self.level.height - first)
        if count < 1:
            raise DamagedFile("a frame is not as high as the first one")
        data = self._file.read(self._offset + first * self._row, count * self._row)
        if len(data) < count * self._row:
            raise DamagedFile("the TIFF has become shorter since it was opened")
        samples = np.frombuffer(data, self._stored).reshape(count, -1, self._samples)
        return self._colour.shown(samples.astype(self._stored.newbyteorder("="), copy=False))

    def decode_reduced(self, column: int, row: int, factor: int) -> Pixels | None:
        """Return None: there is nothing that reading could leave out."""

    def raw_tile(self, column: int, row: int) -> RawTile | None:
        """Return None: no browser shows plain pixels."""
