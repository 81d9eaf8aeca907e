"""What is measured of pixels: histograms, statistics of bands, and single pixels."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tilesource import encoding as enc
from tilesource import pixels as px
from tilesource.canvas import Canvas
from tilesource.errors import InvalidRequest
from tilesource.formats.base import Pixels
from tilesource.geometry import Output
from tilesource.histogram import HistogramOptions, histogram_of, statistics_of
from tilesource.iterator import TilePlan, blocks
from tilesource.request import Request
from tilesource.tiledict import LazyTileDict
from tilesource.tiling import Tiling

_BLOCK = 2048  # pixels on a side, about, that are held at once
_LARGEST_MEASURED = 1 << 24  # pixels of an image whose bands are measured at full resolution


def histogram(
    canvas: Canvas, request: Request, options: HistogramOptions, dtype: npt.DTypeLike | None = None
) -> dict[str, Any]:
    """Return the histogram of each band of a region, as histogram_of documents it."""
    return histogram_of(_blocks(canvas, request, dtype), options)


def extremes(
    canvas: Canvas, request: Request, dtype: npt.DTypeLike | None = None
) -> dict[str, Pixels]:
    """Return min, max, mean and stdev by band of a region."""
    return statistics_of(_blocks(canvas, request, dtype)())


def band_statistics(canvas: Canvas, request: Request) -> dict[str, Pixels]:
    """Return min, max, mean and stdev by band of an image, halved until that is quickly done."""
    grid, step = canvas.grid, 1
    while grid.width * grid.height > _LARGEST_MEASURED * step**2:
        step *= 2
    size = grid.size_at(step)
    output = Output(max_width=size[0], max_height=size[1])
    return extremes(canvas, dataclasses.replace(request, output=output))


def single_pixel(canvas: Canvas, request: Request) -> LazyTileDict | None:
    """Return a tile of the one pixel at a region's left and top, or None if it is outside.

    Where only the right or bottom is given, it is the last pixel before it.
    """
    box = canvas.box(request.region, request.output)
    if box.is_empty:
        return None
    from_right = _only(request.region, "right", "left")
    from_bottom = _only(request.region, "bottom", "top")
    x = box.x + box.width - 1 if from_right else box.x
    y = box.y + box.height - 1 if from_bottom else box.y
    place = {"left": x, "top": y, "width": 1, "height": 1}
    pixel = dataclasses.replace(request, region=place, output=Output(), tiling=Tiling())
    return TilePlan(canvas, pixel).tile(0)


def pixel_record(tile: LazyTileDict) -> dict[str, Any]:
    """Return a pixel's values as they are and, by the letter of their band, at 8 bits."""
    pixels, info = tile["tile"], tile.info
    shown = enc.to_pil(info.canvas.pixels(info.view, info.window, for_screen=True))
    values = shown.getpixel((0, 0))
    letters = values if isinstance(values, tuple) else (values,)
    by_band = zip(shown.getbands(), letters, strict=True)
    return {"value": pixels[0, 0].tolist()} | {band.lower(): value for band, value in by_band}


def _only(region: Mapping[str, object], name: str, other: str) -> bool:
    return region.get(name) is not None and region.get(other) is None


def _blocks(
    canvas: Canvas, request: Request, dtype: npt.DTypeLike | None
) -> Callable[[], Iterator[Pixels]]:
    """Return what reads a region in blocks of whole tiles, converted if need be."""
    grid = canvas.grid
    tiling = Tiling(
        width=max(_BLOCK // grid.tile_width, 1) * grid.tile_width,
        height=max(_BLOCK // grid.tile_height, 1) * grid.tile_height,
    )
    plan = TilePlan(canvas, dataclasses.replace(request, tiling=tiling))
    convert = _converter(dtype)
    return lambda: (convert(block) for block in blocks(plan))


def _converter(dtype: npt.DTypeLike | None) -> Callable[[Pixels], Pixels]:
    """Return what turns pixels into a type: any into 8 bits, any other only if they are of it."""
    if dtype is None:
        return lambda pixels: pixels
    try:
        wanted = np.dtype(dtype)
    except TypeError as exc:
        raise InvalidRequest(f"dtype is the name of a type of numbers, not {dtype!r}") from exc
    if wanted == np.uint8:
        return px.to_uint8

    def check(pixels: Pixels) -> Pixels:
        if pixels.dtype != wanted:
            raise InvalidRequest(f"the pixels are {pixels.dtype}, not {wanted}")
        return pixels

    return check
