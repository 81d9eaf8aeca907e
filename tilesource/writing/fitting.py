"""Pictures in pixels that a way of storing them has a form for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tilesource.encoding import on_white
from tilesource.formats.base import Pixels
from tilesource.geometry import Box
from tilesource.pixels import to_uint8
from tilesource.writing.picture import Picture


def without_alpha(picture: Picture) -> Picture:
    """Return a picture of 8 bits as it looks on white, if it has alpha."""
    if picture.bands not in (2, 4) or picture.dtype != np.uint8:
        return picture

    def read(frame: int, box: Box) -> Pixels:
        return on_white(picture.read(frame, box))

    return replace(picture, bands=picture.bands - 1, read=read, stored=None)


def for_screen(picture: Picture) -> Picture:
    """Return a picture in 1 to 4 bands of 8 bits."""
    bands = picture.bands if picture.bands <= 4 else 3
    if bands == picture.bands and picture.dtype == np.uint8:
        return picture

    def read(frame: int, box: Box) -> Pixels:
        return to_uint8(picture.read(frame, box)[..., :bands])

    return replace(picture, bands=bands, dtype=np.dtype(np.uint8), read=read, stored=None)


def without_last_band(picture: Picture) -> Picture:
    """Return a picture whose alpha is left out, colours being as they are beneath it."""

    def read(frame: int, box: Box) -> Pixels:
        return picture.read(frame, box)[..., :-1]

    return replace(picture, bands=picture.bands - 1, read=read, stored=None)


def in_colour(picture: Picture) -> Picture:
    """Return a picture of grey, with or without alpha, in RGB with or without it."""
    if picture.bands > 2:
        return picture

    def read(frame: int, box: Box) -> Pixels:
        pixels = picture.read(frame, box)
        return np.concatenate([pixels[..., :1]] * 3 + [pixels[..., 1:]], axis=2)

    return replace(picture, bands=picture.bands + 2, read=read, stored=None)


def storable(dtype: np.dtype[Any], frames: int = 1) -> np.dtype[Any]:
    """Return the type that pixels are stored in: OME has no 64-bit integers, readers no halves."""
    if dtype.kind == "f" and dtype.itemsize not in (4, 8):
        return np.dtype("f4" if dtype.itemsize < 4 else "f8")
    if dtype.kind in "iu" and dtype.itemsize == 8 and frames > 1:
        return np.dtype("f8")
    return np.dtype("u1") if dtype.kind == "b" else dtype.newbyteorder("=")


def as_storable(picture: Picture) -> Picture:
    """Return a picture whose pixels are of a type that can be stored."""
    dtype = storable(picture.dtype, len(picture.frames))

    def read(frame: int, box: Box) -> Pixels:
        return picture.read(frame, box).astype(dtype, copy=False)

    return replace(picture, dtype=dtype, read=read) if dtype != picture.dtype else picture
