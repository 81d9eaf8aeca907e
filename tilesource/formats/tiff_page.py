"""One TIFF page: where its tiles or strips lie in the file, and how their bytes become pixels."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import tifffile

from tilesource import pixels as px
from tilesource.errors import DamagedFile, UnreadableFile
from tilesource.formats import jpeg
from tilesource.formats.base import Level, Pixels, RawTile
from tilesource.formats.codestream import check_size
from tilesource.formats.decoded import DECODED
from tilesource.formats.file_bytes import FileBytes
from tilesource.formats.tiff_colour import TiffColour

# A damaged segment makes a codec raise one of these; imagecodecs' errors are RuntimeErrors.
CODEC_ERRORS = (
    tifffile.TiffFileError, RuntimeError, ValueError, TypeError, IndexError,
    ArithmeticError, MemoryError, BufferError,
)  # fmt: skip

_COMPRESSION = tifffile.COMPRESSION
_JPEG = _COMPRESSION.JPEG
_LOSSY = {
    _JPEG, _COMPRESSION.ALT_JPEG, _COMPRESSION.JPEG_LOSSY, _COMPRESSION.WEBP,
    _COMPRESSION.APERIO_JP2000_YCBC, _COMPRESSION.APERIO_JP2000_RGB, _COMPRESSION.JPEG_2000_LOSSY,
}  # fmt: skip
# Codecs whose streams tell their own size, beside that of the TIFF's tile.
_IMAGES = _LOSSY | {_COMPRESSION.JPEG2000, _COMPRESSION.PNG}
_GREY_OR_COLOUR = (
    tifffile.PHOTOMETRIC.MINISBLACK, tifffile.PHOTOMETRIC.RGB, tifffile.PHOTOMETRIC.YCBCR,
)  # fmt: skip
# A tile or strip is decoded whole, so its size is what a hostile file could make us allocate.
_LARGEST_SEGMENT = 1 << 28


class TiffPage:
    """The stored segments of one page; safe in many threads."""

    def __init__(self, file: FileBytes, page: Any, plane: int | None = None) -> None:
        """`plane` is the one to read of a page that stores its samples apart; None reads all."""
        self._file = file
        self._page = page
        self._key = page.keyframe
        self.level = level_of(self._key)
        self._across = -(-self.level.width // self.level.tile_width)
        self._down = -(-self.level.height // self.level.tile_height)
        separate = self._key.planarconfig == tifffile.PLANARCONFIG.SEPARATE
        count = self._key.samplesperpixel if separate else 1
        self._planes = tuple(range(count)) if plane is None else (plane,)
        self._colour = TiffColour(self._key)
        self.bands: int = self._colour.bands if plane is None else 1
        self.dtype = self._colour.dtype
        self.lossy = self._key.compression in _LOSSY
        self._is_plain_jpeg = self._has_plain_jpeg()
        self._check()

    @functools.cached_property
    def is_sparse(self) -> bool:
        """Tell whether some segments are not stored."""
        return not all(self._page.databytecounts)

    @property
    def can_reduce(self) -> bool:
        """Tell whether segments can be decoded at a fraction of their size for less."""
        return self._is_plain_jpeg and self.level.tiled

    def is_stored(self, column: int, row: int) -> bool:
        """Tell whether the file stores any pixels of a segment."""
        return bool(self._page.databytecounts[self._index(column, row)])

    def decode(self, column: int, row: int) -> Pixels | None:
        """Return a segment's pixels (height, width, bands), or None where the file stores none."""
        if self.level.tiled:
            return self._decode(column, row)
        strip = (self._page.offset, self._planes, column, row)
        decoded: Pixels | None = DECODED.get(
            self._file, strip, functools.partial(self._decode, column, row)
        )
        return decoded

    def decode_reduced(self, column: int, row: int, factor: int) -> Pixels | None:
        """Return each factor x factor block of a JPEG tile as its mean, or nearly."""
        level = self.level
        width = min(level.tile_width, level.width - column * level.tile_width)
        height = min(level.tile_height, level.height - row * level.tile_height)
        if width % factor or height % factor:  # what lies beyond the image must not count
            pixels = self.decode(column, row)
            return None if pixels is None else px.shrink(pixels[:height, :width], factor, factor)
        return self._decode_jpeg(self._index(column, row), factor)

    def raw_tile(self, column: int, row: int) -> RawTile | None:
        """Return a stored JPEG tile as a stream that stands alone."""
        if not self._is_plain_jpeg or not self.level.tiled:
            return None
        stream = self._stream(self._index(column, row))
        return None if stream is None else RawTile(stream, "image/jpeg")

    def _has_plain_jpeg(self) -> bool:
        """Tell whether the tiles are JPEG streams as every decoder, and browser, takes them."""
        key = self._key
        is_plain = key.compression == _JPEG and key.bitspersample == 8
        is_plain = is_plain and key.planarconfig == tifffile.PLANARCONFIG.CONTIG
        is_known = key.samplesperpixel in (1, 3) and key.photometric in _GREY_OR_COLOUR
        return is_plain and is_known and key.jpegheader is None

    def _check(self) -> None:
        key = self._key
        if key.compression == _COMPRESSION.OJPEG or key.imagedepth != 1:
            raise UnreadableFile("old-style JPEG and volumes in TIFF are not supported")
        if self._segment_bytes > _LARGEST_SEGMENT:
            raise UnreadableFile(
                f"a tile or strip of {self._segment_bytes:,} bytes is too large to decode"
            )
        self._check_extent()

    @property
    def _segment_bytes(self) -> int:
        samples = max(self._key.samplesperpixel, self.bands)
        pixel = samples * max(self.dtype.itemsize, np.dtype(self._key.dtype).itemsize)
        return int(self.level.tile_width * self.level.tile_height * pixel)

    def _check_extent(self) -> None:
        offsets = np.asarray(self._page.dataoffsets, np.uint64)
        counts = np.asarray(self._page.databytecounts, np.uint64)
        if len(offsets) != len(counts) or len(offsets) < self._segments:
            raise DamagedFile("the TIFF lists fewer tiles or strips than the image needs")
        size, stored = self._file.size, counts > 0
        outside = (offsets > size) | (counts > size)
        outside |= offsets + np.minimum(counts, size) > size
        if (outside & stored).any():
            raise DamagedFile(f"the TIFF is truncated: pixels lie beyond its {size:,} bytes")

    @property
    def _segments(self) -> int:
        return self._across * self._down * (max(self._planes) + 1)

    def _decode(self, column: int, row: int) -> Pixels | None:
        if self._is_plain_jpeg:
            return self._decode_jpeg(self._index(column, row), 1)
        planes = []
        for plane in self._planes:
            pixels = self._samples(self._index(column, row, plane))
            if pixels is None:
                return None
            planes.append(pixels)
        pixels = self._colour.shown(planes[0] if len(planes) == 1 else np.concatenate(planes, -1))
        if pixels.shape[2] != self.bands:
            raise DamagedFile(f"tile ({column}, {row}) has {pixels.shape[2]} bands")
        return pixels

    def _decode_jpeg(self, index: int, factor: int) -> Pixels | None:
        stream = self._stream(index)
        if stream is None:
            return None
        try:
            level = self.level
            return jpeg.decode(stream, self.bands, level.tile_width, level.tile_height, factor)
        except DamagedFile as exc:
            raise DamagedFile(f"tile or strip {index}: {exc}") from exc

    def _stream(self, index: int) -> bytes | None:
        """Return a segment as a JPEG stream with its tables, marked as RGB if it is."""
        data = self._stored(index)
        if data is None:
            return None
        is_rgb = self._key.photometric == tifffile.PHOTOMETRIC.RGB
        return jpeg.standalone(data, self._page.jpegtables, is_rgb=is_rgb)

    def _index(self, column: int, row: int, plane: int = 0) -> int:
        return (plane * self._down + row) * self._across + column

    def _stored(self, index: int) -> bytes | None:
        # No codec makes pixels much larger, so that more than this is not worth reading.
        most = 4 * self._segment_bytes + (1 << 16)
        count = min(self._page.databytecounts[index], most)
        return self._file.read(self._page.dataoffsets[index], count) if count else None

    def _samples(self, index: int) -> Pixels | None:
        """Return a segment's samples (height, width, samples) as they are stored."""
        data = self._stored(index)
        if data is None:
            return None
        key = self._key
        try:
            if key.compression in _IMAGES and key.jpegheader is None:
                check_size(data, self.level.tile_width, self.level.tile_height)
            decoded = key.decode(data, index, **self._jpeg_parts())[0]
        except (DamagedFile, *CODEC_ERRORS) as exc:
            raise DamagedFile(f"tile or strip {index}: {exc}") from exc
        pixels: Pixels | None = None if decoded is None else decoded[0]
        return pixels

    def _jpeg_parts(self) -> dict[str, bytes | None]:
        return {"jpegtables": self._page.jpegtables, "jpegheader": self._key.jpegheader}


class MissingPage:
    """A page that the file, or the set of files, names but does not have."""

    is_sparse = False
    can_reduce = False
    lossy = False

    def __init__(self, level: Level, bands: int, dtype: np.dtype[Any]) -> None:
        self.level = level
        self.bands = bands
        self.dtype = dtype

    def is_stored(self, column: int, row: int) -> bool:
        """Tell that there is nothing."""
        return False

    def decode(self, column: int, row: int) -> Pixels | None:
        """Return None."""

    def decode_reduced(self, column: int, row: int, factor: int) -> Pixels | None:
        """Return None."""

    def raw_tile(self, column: int, row: int) -> RawTile | None:
        """Return None."""


def level_of(key: Any) -> Level:
    """Return a page's size and that of its tiles; strips are tiles as wide as the image."""
    width, height = int(key.imagewidth), int(key.imagelength)
    if min(width, height) < 1:
        raise UnreadableFile(f"an image of {width} x {height} pixels is empty")
    tile_width, tile_height = width, min(key.rowsperstrip or height, height)
    if key.is_tiled:
        tile_width, tile_height = key.tilewidth, key.tilelength
    if min(tile_width, tile_height) < 1:
        raise DamagedFile(f"its tiles or strips are {tile_width} x {tile_height} pixels")
    return Level(
        width=width, height=height, tile_width=int(tile_width), tile_height=int(tile_height),
        tiled=bool(key.is_tiled),
    )  # fmt: skip
