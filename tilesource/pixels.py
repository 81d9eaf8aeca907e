"""Arrays of pixels made smaller, larger or shallower; libvips and Pillow do the arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pyvips
from PIL import Image

from tilesource.formats.base import Pixels
from tilesource.parallel import each

_STRIP = 256  # rows that one thread resamples at a time
_NOTHING = 1e-6  # of a pixel: an error of rounding
_WIDEST = 4.5  # the pixels that the widest kernel, MKS 2021, takes on either side
_Strip = TypeVar("_Strip")
_VIPS_FORMATS = {
    "|u1": "uchar", "|i1": "char", "<u2": "ushort", "<i2": "short", "<u4": "uint",
    "<i4": "int", "<f4": "float", "<f8": "double",
}  # fmt: skip
_INVISIBLE = 1e-3  # the opacity below which a pixel's colour is only an error of rounding


def pick(pixels: Pixels, across: int, down: int) -> Pixels:
    """Return of each block of across x down pixels the one in its middle, unmixed."""
    return pixels[_middles(pixels.shape[0], down)][:, _middles(pixels.shape[1], across)]


def _middles(length: int, step: int) -> Pixels:
    return np.minimum(np.arange(0, length, step) + step // 2, length - 1)


def shrink(pixels: Pixels, across: int, down: int) -> Pixels:
    """Return each block of across x down pixels as its mean; a last, partial block counts too."""
    if across == down == 1:
        return pixels
    return _straight(pixels, lambda each: _shrunk(each, across, down))


def resize(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return the pixels resampled to a size: Lanczos when smaller, cubic when larger."""
    if pixels.shape[:2] == (height, width):
        return pixels
    return _straight(pixels, lambda each: _resized(each, width, height))


def _shrunk(pixels: Pixels, across: int, down: int) -> Pixels:
    """Return the means of blocks, each rounded once, of whole blocks apart from those cut short."""
    height, width, bands = pixels.shape
    out = np.empty((-(-height // down), -(-width // across), bands), pixels.dtype)
    for rows in _spans(height, down):
        for columns in _spans(width, across):
            part = pixels[rows.start : rows.stop, columns.start : columns.stop]
            top, left = rows.start // down, columns.start // across
            means = _means(part, columns.block, rows.block)
            out[top : top + means.shape[0], left : left + means.shape[1]] = means
    return out


@dataclass(frozen=True, slots=True)
class _Span:
    """Pixels [start, stop) of one direction, which are blocks of one length."""

    start: int
    stop: int
    block: int


def _spans(length: int, step: int) -> list[_Span]:
    """Return the whole blocks of a length, and the one that is cut short."""
    whole = length // step * step
    spans = [_Span(0, whole, step), _Span(whole, length, length - whole)]
    return [span for span in spans if span.stop > span.start]


def _means(pixels: Pixels, across: int, down: int) -> Pixels:
    """Return the mean of each block of pixels that are whole blocks."""
    size = across * down
    if pixels.dtype == np.uint8 and not size & (size - 1):
        return _reduced(pixels, across, down)
    exact = _float_of(pixels.dtype)
    if size & (size - 1):  # few, at the edges
        height, width, bands = pixels.shape
        blocks = pixels.reshape(height // down, down, width // across, across, bands)
        return _rounded(blocks.mean(axis=(1, 3), dtype=np.promote_types(exact, "f8")), pixels.dtype)
    # As floats, for libvips rounds whole numbers across and down.
    shrunk = to_vips(pixels.astype(exact, copy=False)).shrink(across, down)
    return _rounded(from_vips(shrunk, exact), pixels.dtype)


def _reduced(pixels: Pixels, across: int, down: int) -> Pixels:
    """Return the means of blocks of 8-bit pixels, a strip to a thread.

    Pillow multiplies by the inverse of a block's size, which is exact for powers of two only.
    """
    rows = max(_STRIP // down, 1) * down
    return _stacked(lambda strip: _reduced_strip(strip, across, down), _strips(pixels, rows))


def _strips(pixels: Pixels, rows: int) -> list[Pixels]:
    return [pixels[top : top + rows] for top in range(0, pixels.shape[0], rows)]


def _reduced_strip(pixels: Pixels, across: int, down: int) -> Pixels:
    return _banded([np.asarray(plane.reduce((across, down))) for plane in _planes(pixels)])


def _stacked(make: Callable[[_Strip], Pixels], strips: Sequence[_Strip]) -> Pixels:
    """Return what is made of each strip, side by side in threads, as one array."""
    return make(strips[0]) if len(strips) == 1 else np.concatenate(each(make, strips))


def _banded(planes: list[Pixels]) -> Pixels:
    """Return one array of (height, width, bands) of one with all bands, or of one for each."""
    arrays = [np.atleast_3d(plane) for plane in planes]
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays, axis=2)


def _resized(pixels: Pixels, width: int, height: int) -> Pixels:
    kernel = "lanczos3" if width < pixels.shape[1] else "cubic"
    image = to_vips(pixels).resize(
        width / pixels.shape[1], vscale=height / pixels.shape[0], kernel=kernel, gap=0
    )
    return from_vips(image, pixels.dtype)


def _straight(pixels: Pixels, resample: Callable[[Pixels], Pixels]) -> Pixels:
    """Return the pixels resampled so that what is transparent lends its colour to nothing.

    Of two and of four bands the last is alpha; where it is the same throughout, it has no effect.
    """
    alpha = pixels[..., -1:]
    weighs = pixels.shape[2] in (2, 4) and pixels.dtype.kind in "uf" and pixels.size
    if not weighs or not alpha.min() < alpha.max():
        return resample(pixels)
    weight = alpha.astype(_float_of(pixels.dtype))
    mixed = resample(np.concatenate([pixels[..., :-1] * weight, weight], axis=2))
    opacity = mixed[..., -1:]
    seen = opacity > float(alpha.max()) * _INVISIBLE
    colours = np.where(seen, mixed[..., :-1] / np.where(seen, opacity, 1), 0)
    return _rounded(np.concatenate([colours, np.maximum(opacity, 0)], axis=2), pixels.dtype)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A rectangle of an array, whose edges may lie between pixels."""

    left: float
    top: float
    right: float
    bottom: float


def resize_part(
    pixels: Pixels, part: Part, width: int, height: int, kernel: Image.Resampling | None = None
) -> Pixels:
    """Return a part of the pixels resampled to a size, as that part of the whole resampled.

    The kernel reaches beyond the part where there are pixels, so that neighbouring parts fit; a
    part may end beyond the last pixel, which is then repeated. Pillow does it, for libvips takes
    no edges between pixels. The usual kernel is that of resize. Integers beyond 24 bits lose their
    lowest digits.
    """
    whole = _reaching(pixels, math.ceil(part.right - _NOTHING), math.ceil(part.bottom - _NOTHING))
    if (part.left, part.top, part.right, part.bottom) == (0, 0, width, height):
        return whole[:height, :width]
    if kernel is None:
        larger = width > part.right - part.left
        kernel = Image.Resampling.BICUBIC if larger else Image.Resampling.LANCZOS
    if kernel == Image.Resampling.NEAREST:
        return _resampled(whole, part, (width, height), kernel)
    return _straight(whole, lambda each: _resampled(each, part, (width, height), kernel))


def _resampled(
    pixels: Pixels, part: Part, size: tuple[int, int], kernel: Image.Resampling
) -> Pixels:
    resampling = _Resampling(pixels=pixels, part=part, size=size, kernel=kernel)
    strips = [(top, min(top + _STRIP, size[1])) for top in range(0, size[1], _STRIP)]
    return _stacked(resampling.strip, strips)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Resampling:
    """A part of some pixels that is being resampled to a width and height, a strip at a time."""

    pixels: Pixels
    part: Part
    size: tuple[int, int]
    kernel: Image.Resampling

    def strip(self, rows: tuple[int, int]) -> Pixels:
        """Return the rows [first, last) of the result.

        First across, then down: Pillow would choose by the size, and parts would not fit together.
        """
        (width, height), part = self.size, self.part
        step = (part.bottom - part.top) / height
        top, bottom = (part.top + row * step for row in rows)
        bottom = min(bottom, self.pixels.shape[0])
        right = min(part.right, self.pixels.shape[1])
        reach = _WIDEST * max(step, 1.0) + 1
        first, last = max(math.floor(top - reach), 0), math.ceil(bottom + reach)
        source = self.pixels[first:last]
        narrow = (width, source.shape[0]), self.kernel, (part.left, 0, right, source.shape[0])
        low = (width, rows[1] - rows[0]), self.kernel, (0, top - first, width, bottom - first)
        planes = [plane.resize(*narrow).resize(*low) for plane in _planes(source)]
        out = _banded([np.asarray(plane) for plane in planes])
        return out if out.dtype == source.dtype else _rounded(out, source.dtype)


def _reaching(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return the pixels, the last ones repeated up to a width and height if they are fewer."""
    right, below = max(width - pixels.shape[1], 0), max(height - pixels.shape[0], 0)
    return np.pad(pixels, ((0, below), (0, right), (0, 0)), "edge") if right or below else pixels


_PILLOW_MODES = {1: "L", 3: "RGB", 4: "RGBX"}  # X: no alpha, which Pillow would multiply in


def _planes(pixels: Pixels) -> list[Image.Image]:
    """Return the pixels as the images that Pillow resamples without loss: of 8 bits, or floats."""
    height, width, bands = pixels.shape
    if pixels.dtype == np.uint8 and bands in _PILLOW_MODES:
        mode, data = _PILLOW_MODES[bands], np.ascontiguousarray(pixels)
        return [Image.frombuffer(mode, (width, height), data, "raw", mode, 0, 1)]
    kind = np.uint8 if pixels.dtype == np.uint8 else np.float32
    return [
        Image.fromarray(np.ascontiguousarray(pixels[..., band], dtype=kind))
        for band in range(bands)
    ]


def _float_of(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the floats that hold a type's values exactly, but for integers of 64 bits."""
    if dtype.kind == "f" and dtype.itemsize >= 4:
        return dtype
    return np.dtype(np.float32 if dtype.itemsize < 4 else np.float64)


def _rounded(pixels: Pixels, dtype: np.dtype[Any]) -> Pixels:
    """Return floats as another type, at its limits where they are beyond them."""
    if dtype.kind == "b":
        return pixels >= 0.5
    if dtype.kind in "ui":
        limits = np.iinfo(dtype)
        pixels = np.clip(np.rint(pixels.astype(np.float64)), limits.min, limits.max)
    return pixels.astype(dtype)


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
    if pixels.dtype == np.uint8:
        return pixels
    if not pixels.size:
        return pixels.astype(np.uint8)
    is_unit = pixels.dtype.kind == "f" and not np.fmax.reduce(pixels, axis=None) > 1
    return _stacked(lambda strip: _screen_values(strip, is_unit), _strips(pixels, _STRIP))


def _screen_values(pixels: Pixels, is_unit: bool) -> Pixels:
    """Return values of any type as 0 to 255, floats being of 0 to 1 or of 0 to 255."""
    kind, bits = pixels.dtype.kind, 8 * pixels.dtype.itemsize
    if kind == "b":
        return np.multiply(pixels, 255, dtype=np.uint8)
    if kind == "i":  # the sign bit flipped, the lowest value is 0
        unsigned = np.dtype(pixels.dtype.str.replace("i", "u"))
        pixels = np.bitwise_xor(pixels.view(unsigned), np.asarray(1 << (bits - 1), unsigned))
        kind = "u"
    if kind == "u":
        return np.right_shift(pixels, bits - 8).astype(np.uint8)
    finite = np.nan_to_num(pixels.astype(np.float64), nan=0.0, posinf=255.0, neginf=0.0)
    return np.clip(np.rint(finite * (255.0 if is_unit else 1.0)), 0, 255).astype(np.uint8)
