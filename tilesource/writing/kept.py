"""Tiles of the original file that are taken over as they are, so that they lose nothing more."""

from __future__ import annotations

from dataclasses import dataclass, replace

import simplejpeg

from tilesource.formats.base import Pixels
from tilesource.writing.codecs import Codec
from tilesource.writing.levels import Place
from tilesource.writing.picture import Picture

_COLOURS = {"RGB": "RGB", "YCbCr": "YCbCr", "Gray": "YCbCr"}


@dataclass(frozen=True, slots=True)
class KeptTiles:
    """The JPEG tiles of a picture's original, and how new ones are stored beside them."""

    picture: Picture
    codec: Codec
    header: tuple[int, int, str, str]

    def encode(self, frame: int, place: Place, pixels: Pixels) -> bytes:
        """Return the stored tile, or the pixels in the same form where there is none."""
        data = _stored(self.picture, frame, place.column, place.row)
        same = data is not None and _header(data) == self.header
        return data if data is not None and same else self.codec.encode(pixels)


def kept_tiles(picture: Picture, codec: Codec, side: int) -> KeptTiles | None:
    """Return the original's tiles if they are JPEG tiles of that side, else None."""
    first = _stored(picture, 0, 0, 0) if codec.compression == "jpeg" else None
    header = _header(first) if first else None
    if header is None or header[:2] != (side, side) or header[2] not in _COLOURS:
        return None
    sampling = codec.subsampling if header[2] == "Gray" else header[3]
    like = replace(codec, colours=_COLOURS[header[2]], subsampling=sampling)
    return KeptTiles(picture, like, header)


def _stored(picture: Picture, frame: int, column: int, row: int) -> bytes | None:
    raw = picture.stored(frame, column, row) if picture.stored else None
    return raw.data if raw is not None and raw.mime == "image/jpeg" else None


def _header(data: bytes) -> tuple[int, int, str, str] | None:
    """Return a JPEG's height, width, colours and subsampling, or None if it is damaged."""
    try:
        height, width, colours, sampling = simplejpeg.decode_jpeg_header(data)
    except ValueError:
        return None
    return height, width, colours, sampling
