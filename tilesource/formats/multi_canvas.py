"""Put parts of other images on a canvas: moved, scaled, turned, one over the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyvips

from tilesource import pixels as px
from tilesource.errors import UnreadableFile
from tilesource.formats.base import Pixels
from tilesource.formats.multi_plan import Placed, corners_of
from tilesource.formats.multi_schema import Position
from tilesource.geometry import Box

Render = Callable[[Placed, Box, int, int, "Box | None"], Pixels]
"""Gives a box of a part's own pixels at a size, or a window of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What the pixels of a canvas are like."""

    bands: int
    dtype: np.dtype[Any]
    background: Sequence[float] = ()

    @property
    def has_alpha(self) -> bool:
        """Tell whether the last band is alpha."""
        return self.bands in (2, 4)

    @property
    def most(self) -> float:
        """Return the value of white, and of what is opaque."""
        return float(np.iinfo(self.dtype).max) if self.dtype.kind in "ui" else 255.0

    @property
    def colour(self) -> Pixels:
        """Return the background as one pixel: opaque black, if there is none."""
        said = list(self.background) or [0.0]
        alpha = [said.pop() if len(said) in (2, 4) else self.most] if self.has_alpha else []
        wanted = self.bands - self.has_alpha
        colours = said * wanted if len(said) == 1 else [*said, *[0.0] * wanted]
        return _cast(np.asarray([*colours[:wanted], *alpha]), self.dtype)


def compose(kind: Kind, parts: Sequence[Placed], window: Box, step: int, render: Render) -> Pixels:
    """Return a window of a canvas, in pixels that span step x step base pixels each.

    A background shows through what is transparent; without one, black is where there is no part.
    """
    canvas = np.zeros((window.height, window.width, kind.bands), kind.dtype)
    if kind.background:
        canvas[:] = kind.colour
    is_covered = np.full(canvas.shape[:2], bool(kind.background))
    for placed in parts:
        found = (_upright if placed.position.is_upright else _turned)(placed, window, step, render)
        if found is not None:
            box, pixels, cover = found
            rows, columns = slice(box.y, box.y + box.height), slice(box.x, box.x + box.width)
            _blend(canvas[rows, columns], _converted(pixels, kind, placed), cover, kind)
            is_covered[rows, columns] |= True if cover is None else cover[..., 0] > 0
    canvas[~is_covered] = kind.colour
    return canvas


_Found = tuple[Box, Pixels, "Pixels | None"] | None


def _upright(placed: Placed, window: Box, step: int, render: Render) -> _Found:
    """Return where in the window a part lies that is only moved and scaled, and its pixels."""
    corners = corners_of(placed)
    left, top = round(corners[0][0] / step), round(corners[0][1] / step)
    width = max(round(corners[-1][0] / step) - left, 1)
    height = max(round(corners[-1][1] / step) - top, 1)
    inside = _common(window, Box(x=left, y=top, width=width, height=height))
    if inside is None or placed.crop.width < 1 or placed.crop.height < 1:
        return None
    part = Box(x=inside.x - left, y=inside.y - top, width=inside.width, height=inside.height)
    is_whole = (part.width, part.height) == (width, height)
    pixels = render(placed, placed.crop, width, height, None if is_whole else part)
    place = Box(x=inside.x - window.x, y=inside.y - window.y, width=part.width, height=part.height)
    return place, pixels, None


def _turned(placed: Placed, window: Box, step: int, render: Render) -> _Found:
    """Return where in the window a part lies that is turned, its pixels and how they cover it."""
    corners = corners_of(placed)
    left, top = (math.floor(min(c[axis] for c in corners) / step) for axis in (0, 1))
    right, bottom = (math.ceil(max(c[axis] for c in corners) / step) for axis in (0, 1))
    inside = _common(window, Box(x=left, y=top, width=right - left, height=bottom - top))
    source = None if inside is None else _seen(placed, inside, step)
    if inside is None or source is None:
        return None
    at = placed.position
    shrink = max(1.0, step / math.sqrt(abs(at.s11 * at.s22 - at.s12 * at.s21)))
    width, height = max(round(source.width / shrink), 1), max(round(source.height / shrink), 1)
    pixels = render(placed, source, width, height, None)
    values = _warped(pixels, at, source, inside, step)
    cover, colours = values[..., -1:] / 255, values[..., :-1]
    inner = np.divide(colours, cover, out=np.zeros_like(colours), where=cover > 0)
    place = Box(
        x=inside.x - window.x, y=inside.y - window.y, width=inside.width, height=inside.height
    )
    return place, inner.astype(pixels.dtype), cover


def _warped(pixels: Pixels, at: Position, source: Box, inside: Box, step: int) -> Pixels:
    """Return a box of the canvas, to which the matrix takes a box of a source; its cover last."""
    across = source.width / pixels.shape[1] / step
    down = source.height / pixels.shape[0] / step
    matrix = [at.s11 * across, at.s12 * down, at.s21 * across, at.s22 * down]
    # libvips maps the corners of pixels, and we their middles.
    middle_x, middle_y = (matrix[0] + matrix[1] - 1) / 2, (matrix[2] + matrix[3] - 1) / 2
    turned = px.to_vips(pixels).bandjoin(255).affine(
        matrix,
        odx=(at.x + at.s11 * source.x + at.s12 * source.y) / step - inside.x + middle_x,
        ody=(at.y + at.s21 * source.x + at.s22 * source.y) / step - inside.y + middle_y,
        oarea=[0, 0, inside.width, inside.height],
        interpolate=pyvips.Interpolate.new("bilinear"),
        extend="background",
    )  # fmt: skip
    return px.from_vips(turned, np.dtype(np.float64))


def _seen(placed: Placed, inside: Box, step: int) -> Box | None:
    """Return the box of a part's own pixels that a box of the canvas shows, with a margin."""
    at = placed.position
    determinant = at.s11 * at.s22 - at.s12 * at.s21
    corners = [
        (x * step - at.x, y * step - at.y)
        for x in (inside.x, inside.x + inside.width)
        for y in (inside.y, inside.y + inside.height)
    ]
    us = [(at.s22 * x - at.s12 * y) / determinant for x, y in corners]
    vs = [(at.s11 * y - at.s21 * x) / determinant for x, y in corners]
    margin = 2 * step
    box = Box(
        x=math.floor(min(us)) - margin, y=math.floor(min(vs)) - margin,
        width=math.ceil(max(us) - min(us)) + 2 * margin + 1,
        height=math.ceil(max(vs) - min(vs)) + 2 * margin + 1,
    )  # fmt: skip
    return _common(placed.crop, box)


def _common(one: Box, other: Box) -> Box | None:
    left, top = max(one.x, other.x), max(one.y, other.y)
    right = min(one.x + one.width, other.x + other.width)
    bottom = min(one.y + one.height, other.y + other.height)
    if right <= left or bottom <= top:
        return None
    return Box(x=left, y=top, width=right - left, height=bottom - top)


def _converted(pixels: Pixels, kind: Kind, placed: Placed) -> Pixels:
    """Return pixels with the bands and the type of a canvas; an alpha band only if it has one."""
    entry = placed.file.entry
    if entry.sample_scale != 1.0 or entry.sample_offset:
        scaled = pixels.astype(np.float64) * entry.sample_scale + entry.sample_offset
        pixels = _cast(scaled, pixels.dtype)
    return _of_type(_with_bands(pixels, kind), kind.dtype)


def _with_bands(pixels: Pixels, kind: Kind) -> Pixels:
    bands = pixels.shape[2]
    if bands == kind.bands:
        return pixels
    if kind.bands == 1:
        return pixels[..., :1]
    colours = pixels[..., :-1] if bands in (2, 4) else pixels
    wanted = kind.bands - kind.has_alpha
    if colours.shape[2] == 1:
        colours = np.repeat(colours, wanted, axis=2)
    if colours.shape[2] != wanted:
        raise UnreadableFile(f"sources of {bands} and of {kind.bands} bands are not put together")
    if not kind.has_alpha:
        return colours
    opaque = np.iinfo(pixels.dtype).max if pixels.dtype.kind in "ui" else kind.most
    alpha = pixels[..., -1:] if bands in (2, 4) else np.full_like(pixels[..., :1], opaque)
    return np.concatenate([colours, alpha], axis=2)


def _of_type(pixels: Pixels, dtype: np.dtype[Any]) -> Pixels:
    """Return pixels in another type; between unsigned integers, white stays white."""
    if pixels.dtype == dtype:
        return pixels
    if pixels.dtype.kind == "u" and dtype.kind == "u":
        return _cast(pixels * (np.iinfo(dtype).max / np.iinfo(pixels.dtype).max), dtype)
    return _cast(pixels.astype(np.float64), dtype)


def _cast(values: Pixels, dtype: np.dtype[Any]) -> Pixels:
    """Return values rounded and cut to what a type can hold."""
    if dtype.kind not in "ui":
        return values.astype(dtype)
    limits = np.iinfo(dtype)
    return np.clip(np.rint(values), limits.min, limits.max).astype(dtype)


def _blend(canvas: Pixels, pixels: Pixels, cover: Pixels | None, kind: Kind) -> None:
    """Put pixels over those of a part of a canvas, by their alpha and by what they cover."""
    if cover is None and not kind.has_alpha:
        canvas[:] = pixels
        return
    over = np.ones((*pixels.shape[:2], 1)) if cover is None else cover
    if not kind.has_alpha:
        canvas[:] = _cast(pixels * over + canvas * (1 - over), kind.dtype)
        return
    alpha = pixels[..., -1:] / kind.most * over
    below = canvas[..., -1:] / kind.most * (1 - alpha)
    total = alpha + below
    mixed = pixels[..., :-1] * alpha + canvas[..., :-1] * below
    colours = np.divide(mixed, total, out=np.zeros_like(mixed), where=total > 0)
    canvas[:] = _cast(np.concatenate([colours, total * kind.most], axis=2), kind.dtype)
