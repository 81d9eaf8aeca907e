"""Tiles in all forms that a caller may have them in, as arrays of colours and opacity."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyvips
from PIL import Image, UnidentifiedImageError

from tilesource.errors import InvalidRequest
from tilesource.formats.base import Pixels

_LETTERS = ("L", "LA", "RGB", "RGBA")
_MULTIBAND = ("multiband", "MULTIBAND")
_PIXELMAP = "pixelmap"
_OF_VIPS = {
    name: value for name, value in vars(pyvips.enums.Interpretation).items() if name.isupper()
}
_INTERPRETATIONS = frozenset(
    (*_LETTERS, *_MULTIBAND, _PIXELMAP, *_OF_VIPS.keys(), *_OF_VIPS.values())
)
_OPEN_ERRORS = (
    UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Patch:
    """A tile: its pixels (..., height, width, bands), and whether the last band is alpha."""

    pixels: Pixels
    has_alpha: bool
    is_multiband: bool = False


def array_of(tile: object) -> Pixels:
    """Return a tile given as an array, a Pillow or libvips image, or the bytes of an image file."""
    if isinstance(tile, np.ndarray):
        return tile
    if isinstance(tile, Image.Image):
        return _from_pillow(tile)
    if isinstance(tile, pyvips.Image):
        return _from_vips(tile)
    if isinstance(tile, bytes | bytearray | memoryview):
        return _from_bytes(bytes(tile))
    raise InvalidRequest(f"a tile is an array, an image or bytes, not {type(tile).__name__}")


def patch_of(pixels: Pixels, interpretation: object = None) -> Patch:
    """Return an array of (..., height, width, bands) in a type that files can hold."""
    if interpretation is not None and interpretation not in _INTERPRETATIONS:
        raise InvalidRequest(f"an interpretation is RGB, L, MULTIBAND, ..., not {interpretation!r}")
    known = _known_type(pixels)
    if interpretation == _PIXELMAP:
        return Patch(_colours_of(known), False)
    bands = known.shape[-1]
    multiband = interpretation in _MULTIBAND or bands > 4
    return Patch(known, bands in (2, 4) and not multiband, multiband)


def mask_of(mask: object, height: int, width: int) -> Pixels | None:
    """Return where a mask lets a tile through, as booleans of the tile's size."""
    if mask is None:
        return None
    given = np.asarray(mask)
    flat = given[..., 0] if given.ndim == 3 and given.shape[2] == 1 else given
    if flat.shape != (height, width) or flat.dtype.kind not in "biuf":
        wanted = f"{height} x {width}"
        raise InvalidRequest(f"the mask is not {wanted} like the tile, but of {given.shape}")
    through: Pixels = flat.astype(bool)
    return through


def _from_pillow(image: Image.Image) -> Pixels:
    if image.mode == "1":
        return np.asarray(image.convert("L"))
    if image.mode in ("L", "LA", "RGB", "RGBA", "I", "F") or image.mode.startswith("I;16"):
        return np.asarray(image)
    return np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB"))


def _from_bytes(data: bytes) -> Pixels:
    try:
        with Image.open(io.BytesIO(data)) as image:
            return _from_pillow(image)
    except _OPEN_ERRORS as exc:
        raise InvalidRequest(f"the {len(data):,} bytes of the tile are no image") from exc


def _from_vips(image: Any) -> Pixels:
    try:
        array: Pixels = image.numpy()
    except pyvips.Error as exc:
        raise InvalidRequest(f"libvips cannot compute the tile: {exc.message}") from exc
    shaped: Pixels = array.reshape(image.height, image.width, image.bands)
    return shaped


def _known_type(pixels: Pixels) -> Pixels:
    """Return the pixels in a type that files can hold: booleans are black and white."""
    kind = pixels.dtype.kind
    if kind == "b":
        return np.multiply(pixels, 255, dtype=np.uint8)
    if kind == "f" and pixels.dtype.itemsize not in (4, 8):
        small = pixels.dtype.itemsize < 4
        pixels = pixels.astype(np.float32 if small else np.float64)
    if kind not in "iuf":
        raise InvalidRequest(f"a tile's pixels are numbers, not {pixels.dtype}")
    native: Pixels = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    return native


def _colours_of(pixels: Pixels) -> Pixels:
    """Return 0xBBGGRR numbers as red, green and blue."""
    if pixels.shape[-1] != 1 or pixels.dtype.kind not in "iu":
        told = f"{pixels.shape[-1]} bands of {pixels.dtype}"
        raise InvalidRequest(f"a pixelmap is one band of whole numbers, not {told}")
    wide = pixels[..., 0].astype(np.int64)
    return np.stack([(wide >> shift & 255).astype(np.uint8) for shift in (0, 8, 16)], axis=-1)
