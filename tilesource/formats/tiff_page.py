"""One TIFF page: where its tiles or strips lie in the file, and how their bytes become pixels."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import tifffile

from tilesource.errors import DamagedFile, UnreadableFile
from tilesource.formats.base import Level, Pixels, RawTile
from tilesource.formats.jpeg import standalone

# A damaged segment makes a codec raise one of these; imagecodecs' errors are RuntimeErrors.
CODEC_ERRORS = (tifffile.TiffFileError, RuntimeError, ValueError, TypeError, IndexError)

_PHOTOMETRICS = {
    tifffile.PHOTOMETRIC.MINISWHITE, tifffile.PHOTOMETRIC.MINISBLACK, tifffile.PHOTOMETRIC.RGB,
    tifffile.PHOTOMETRIC.PALETTE, tifffile.PHOTOMETRIC.YCBCR,
}  # fmt: skip
_JPEG = tifffile.COMPRESSION.JPEG
_LOSSY = {_JPEG, tifffile.COMPRESSION.OJPEG, tifffile.COMPRESSION.WEBP}
# A tile or strip is decoded whole, so its size is what a hostile file could make us allocate.
_LARGEST_SEGMENT = 1 << 28


class TiffPage:
    """The stored segments of one page; reads from a file descriptor, safe in many threads."""

    def __init__(self, descriptor: int, page: Any) -> None:
        self._descriptor = descriptor
        self._page = page
        self._key = page.keyframe
        self.level = _level_of(self._key)
        self._across = -(-self.level.width // self.level.tile_width)
        self._down = -(-self.level.height // self.level.tile_height)
        separate = self._key.planarconfig == tifffile.PLANARCONFIG.SEPARATE
        self._planes = self._key.samplesperpixel if separate else 1
        self._is_palette = self._key.photometric == tifffile.PHOTOMETRIC.PALETTE
        self.bands: int = 3 if self._is_palette else self._key.samplesperpixel
        self.dtype = _dtype_of(self._key, self._is_palette)
        self.lossy = self._key.compression in _LOSSY
        self._check()

    def _check(self) -> None:
        key = self._key
        if key.photometric not in _PHOTOMETRICS:
            raise UnreadableFile(f"TIFF pixels of the kind {key.photometric!s} are not supported")
        if key.photometric == tifffile.PHOTOMETRIC.YCBCR and key.compression != _JPEG:
            raise UnreadableFile("TIFF pixels stored as YCbCr, but not as JPEG, are not supported")
        if key.compression == tifffile.COMPRESSION.OJPEG or key.imagedepth != 1:
            raise UnreadableFile("old-style JPEG and volumes in TIFF are not supported")
        segment = self.level.tile_width * self.level.tile_height * self.bands * self.dtype.itemsize
        if segment > _LARGEST_SEGMENT:
            raise UnreadableFile(f"a tile or strip of {segment:,} bytes is too large to decode")
        self._check_extent()

    def _check_extent(self) -> None:
        offsets = np.asarray(self._page.dataoffsets, np.uint64)
        counts = np.asarray(self._page.databytecounts, np.uint64)
        if len(offsets) != len(counts) or len(offsets) < self._across * self._down * self._planes:
            raise DamagedFile("the TIFF lists fewer tiles or strips than the image needs")
        stored = counts > 0
        size = os.fstat(self._descriptor).st_size
        if stored.any() and int((offsets[stored] + counts[stored]).max()) > size:
            raise DamagedFile(f"the TIFF is truncated: pixels lie beyond its {size:,} bytes")

    def decode(self, column: int, row: int) -> Pixels | None:
        """Return a segment's pixels (height, width, bands), or None where the file stores none."""
        planes = [self._decode(self._index(column, row, plane)) for plane in range(self._planes)]
        if any(plane is None for plane in planes):
            return None
        pixels = planes[0] if len(planes) == 1 else np.concatenate(planes, axis=-1)  # type: ignore[arg-type]
        return self._as_colour(pixels) if pixels is not None else None

    def raw_tile(self, column: int, row: int) -> RawTile | None:
        """Return a stored JPEG tile as a stream that stands alone."""
        key = self._key
        if key.compression != _JPEG or key.bitspersample != 8 or self._planes != 1:
            return None
        if not self.level.tiled or key.samplesperpixel not in (1, 3):
            return None
        data = self._stored(self._index(column, row))
        if data is None:
            return None
        is_rgb = key.photometric == tifffile.PHOTOMETRIC.RGB
        return RawTile(standalone(data, self._page.jpegtables, is_rgb=is_rgb), "image/jpeg")

    def _index(self, column: int, row: int, plane: int = 0) -> int:
        return (plane * self._down + row) * self._across + column

    def _stored(self, index: int) -> bytes | None:
        count = self._page.databytecounts[index]
        if not count:
            return None
        return os.pread(self._descriptor, count, self._page.dataoffsets[index])

    def _decode(self, index: int) -> Pixels | None:
        data = self._stored(index)
        if data is None:
            return None
        try:
            decoded = self._key.decode(data, index, jpegtables=self._page.jpegtables)[0]
        except CODEC_ERRORS as exc:
            raise DamagedFile(f"tile or strip {index} is damaged: {exc}") from exc
        pixels: Pixels | None = None if decoded is None else decoded[0]
        return pixels

    def _as_colour(self, pixels: Pixels) -> Pixels:
        if self._is_palette:
            table: Pixels = (self._key.colormap >> 8).astype(np.uint8).T
            return table[pixels[..., 0]]
        if pixels.dtype == bool:
            pixels = pixels.astype(np.uint8) * np.uint8(255)
        if self._key.photometric == tifffile.PHOTOMETRIC.MINISWHITE and pixels.dtype.kind == "u":
            pixels = np.iinfo(pixels.dtype).max - pixels
        return pixels


def _level_of(key: Any) -> Level:
    if key.is_tiled:
        return Level(
            width=key.imagewidth, height=key.imagelength,
            tile_width=key.tilewidth, tile_height=key.tilelength,
        )  # fmt: skip
    rows = min(key.rowsperstrip or key.imagelength, key.imagelength)
    return Level(
        width=key.imagewidth, height=key.imagelength,
        tile_width=key.imagewidth, tile_height=max(rows, 1), tiled=False,
    )  # fmt: skip


def _dtype_of(key: Any, is_palette: bool) -> np.dtype[Any]:
    if key.dtype is None:
        raise UnreadableFile(f"TIFF samples of {key.bitspersample} bits are not supported")
    is_bits = key.dtype == np.dtype(bool)
    return np.dtype(np.uint8) if is_palette or is_bits else np.dtype(key.dtype)
