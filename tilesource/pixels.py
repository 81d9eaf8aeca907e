"""Arrays of pixels made smaller, larger or shallower; libvips does the arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyvips

from tilesource.formats.base import Pixels

_VIPS_FORMATS = {
    "|u1": "uchar", "|i1": "char", "<u2": "ushort", "<i2": "short", "<u4": "uint",
    "<i4": "int", "<f4": "float", "<f8": "double",
}  # fmt: skip


def shrink(pixels: Pixels, across: int, down: int) -> Pixels:
    """Return each block of across x down pixels as its mean; a last, partial block counts too."""
    if across == down == 1:
        return pixels
    image = to_vips(pixels).shrink(across, down, ceil=True)
    return from_vips(image, pixels.dtype)


def resize(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return the pixels resampled to a size: Lanczos when smaller, cubic when larger."""
    if pixels.shape[:2] == (height, width):
        return pixels
    kernel = "lanczos3" if width < pixels.shape[1] else "cubic"
    image = to_vips(pixels).resize(
        width / pixels.shape[1], vscale=height / pixels.shape[0], kernel=kernel, gap=0
    )
    return from_vips(image, pixels.dtype)


def to_vips(pixels: Pixels) -> Any:
    """Return the array as a libvips image; one that libvips has no format for goes as doubles."""
    native = np.ascontiguousarray(pixels).astype(pixels.dtype.newbyteorder("<"), copy=False)
    if native.dtype.str not in _VIPS_FORMATS:
        native = native.astype(np.float64)
    height, width, bands = native.shape
    form = _VIPS_FORMATS[native.dtype.str]
    image = pyvips.Image.new_from_memory(native.data, width, height, bands, form)
    return image.copy(interpretation="multiband")  # sums no alpha in, converts no colours


def from_vips(image: Any, dtype: np.dtype[Any]) -> Pixels:
    """Return a libvips image's pixels as (height, width, bands) of the given type."""
    array: Pixels = np.asarray(image.numpy())
    return array.reshape(image.height, image.width, image.bands).astype(dtype, copy=False)


def to_uint8(pixels: Pixels) -> Pixels:
    """Return what a screen can show: the type's full range, or floats of 0 to 1, as 0 to 255.

    Floats beyond 1 are taken as 0 to 255 already.
    """
    kind, bits = pixels.dtype.kind, 8 * pixels.dtype.itemsize
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype == bool:
        return np.multiply(pixels, 255, dtype=np.uint8)
    if kind == "i":  # the sign bit flipped, the lowest value is 0
        unsigned = np.dtype(pixels.dtype.str.replace("i", "u"))
        pixels = np.bitwise_xor(pixels.view(unsigned), np.asarray(1 << (bits - 1), unsigned))
        kind = "u"
    if kind == "u":
        return np.right_shift(pixels, bits - 8).astype(np.uint8)
    finite = np.nan_to_num(pixels.astype(np.float64), nan=0.0, posinf=255.0, neginf=0.0)
    factor = 255.0 if finite.size and finite.max() <= 1 else 1.0
    return np.clip(np.rint(finite * factor), 0, 255).astype(np.uint8)
