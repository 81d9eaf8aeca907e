"""Levels, regions, units and output sizes: pure functions on small frozen values.

Base pixels are those of the full-resolution image. Level z of the tile grid shows the image at
1 / 2 ** (levels - 1 - z) of their resolution, so that z = 0 is the whole image in one tile.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tilesource.errors import InvalidRequest

UNITS = {
    "base_pixels": "base_pixels", "base": "base_pixels",
    "pixels": "mag_pixels", "mag_pixels": "mag_pixels",
    "mm": "mm", "millimeters": "mm",
    "fraction": "fraction",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle of whole pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How large a pixel is: the objective's magnification, or its size in millimetres."""

    magnification: float | None = None
    mm_x: float | None = None
    mm_y: float | None = None

    def __post_init__(self) -> None:
        for value in (self.magnification, self.mm_x, self.mm_y):
            if value is not None and not (math.isfinite(value) and value > 0):
                raise InvalidRequest(f"a scale is a positive number, not {value}")


ANY_SCALE = Scale()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The image as viewers see it: its size, its tiles, and the scale of its base pixels."""

    width: int
    height: int
    tile_width: int
    tile_height: int
    scale: Scale

    @property
    def levels(self) -> int:
        """Return the number of levels, the coarsest being one tile."""
        tiles = max(self.width / self.tile_width, self.height / self.tile_height)
        return max(0, math.ceil(math.log2(tiles))) + 1

    def downsample(self, z: int) -> int:
        """Return how many base pixels a pixel of level z spans on each side."""
        return 1 << (self.levels - 1 - z)

    def size_at(self, downsample: int) -> tuple[int, int]:
        """Return the width and height of the image at a power-of-two downsample."""
        return max(1, self.width // downsample), max(1, self.height // downsample)

    def tiles_at(self, z: int) -> tuple[int, int]:
        """Return how many columns and rows of tiles cover level z."""
        step = self.downsample(z)
        across = math.ceil(self.width / (self.tile_width * step))
        return across, math.ceil(self.height / (self.tile_height * step))


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """The largest size a result may have, and else the scale it is wanted in."""

    max_width: int | None = None
    max_height: int | None = None
    scale: Scale = ANY_SCALE

    def __post_init__(self) -> None:
        for value in (self.max_width, self.max_height):
            if value is not None and value < 1:
                raise InvalidRequest(f"an output is at least one pixel wide and high, not {value}")


def output_of(output: Mapping[str, object] | None, scale: Mapping[str, object] | None) -> Output:
    """Parse the `output` and `scale` dictionaries of the documented API."""
    size = {} if output is None else output
    return Output(
        max_width=_whole(size.get("maxWidth")),
        max_height=_whole(size.get("maxHeight")),
        scale=scale_of(scale),
    )


def scale_of(scale: Mapping[str, object] | None) -> Scale:
    """Parse a `scale` dictionary of the documented API."""
    wanted = {} if scale is None else scale
    return Scale(
        magnification=_number(wanted.get("magnification")),
        mm_x=_number(wanted.get("mm_x")),
        mm_y=_number(wanted.get("mm_y")),
    )


def region_of(grid: Grid, region: Mapping[str, object] | None, scale: Scale) -> Box:
    """Parse a `region` dictionary into base pixels, cut to the image.

    Negative left, top, right and bottom count from the right and bottom edges.
    """
    wanted = {} if region is None else region
    unit_x, unit_y = _unit(grid, str(wanted.get("units") or "base_pixels"), scale)
    left, right = _span(wanted, ("left", "right", "width"), unit_x, grid.width)
    top, bottom = _span(wanted, ("top", "bottom", "height"), unit_y, grid.height)
    if right <= left or bottom <= top:
        raise InvalidRequest(f"the region is empty or outside of the image: {dict(wanted)}")
    return Box(x=left, y=top, width=right - left, height=bottom - top)


def output_size(grid: Grid, region: Box, output: Output) -> tuple[int, int]:
    """Return the width and height a region of base pixels is rendered in; its shape is kept."""
    if output.max_width or output.max_height:
        factor = min(
            (output.max_width or math.inf) / region.width,
            (output.max_height or math.inf) / region.height,
        )
        factor_x = factor_y = factor
    else:
        factor_x, factor_y = _scale_factors(grid, output.scale)
    # A hair more than the product, for 250 * (50 / 250) can come out below 50.
    width = region.width * factor_x + 1e-9 * region.width
    height = region.height * factor_y + 1e-9 * region.height
    if not (math.isfinite(width) and math.isfinite(height)):
        raise InvalidRequest("the scale is too far from that of the image")
    return max(1, math.floor(width)), max(1, math.floor(height))


def _scale_factors(grid: Grid, wanted: Scale) -> tuple[float, float]:
    """Return output pixels per base pixel; a scale the image does not know is full resolution."""
    native = grid.scale
    if wanted.mm_x or wanted.mm_y:
        across = native.mm_x / wanted.mm_x if native.mm_x and wanted.mm_x else None
        down = native.mm_y / wanted.mm_y if native.mm_y and wanted.mm_y else None
        return across or down or 1.0, down or across or 1.0
    if wanted.magnification and native.magnification:
        factor = wanted.magnification / native.magnification
        return factor, factor
    return 1.0, 1.0


def _unit(grid: Grid, name: str, scale: Scale) -> tuple[float, float]:
    """Return how many base pixels one unit is across and down."""
    unit = UNITS.get(name)
    if unit is None:
        raise InvalidRequest(f"units are one of {', '.join(UNITS)}, not {name!r}")
    if unit == "base_pixels":
        return 1.0, 1.0
    if unit == "fraction":
        return float(grid.width), float(grid.height)
    if unit == "mag_pixels":
        across, down = _scale_factors(grid, scale)
        if not (across > 0 and down > 0 and math.isfinite(1 / across) and math.isfinite(1 / down)):
            raise InvalidRequest("the scale is too far from that of the image")
        return 1 / across, 1 / down
    if not grid.scale.mm_x or not grid.scale.mm_y:
        raise InvalidRequest("the image does not say how many millimetres its pixels are")
    return 1 / grid.scale.mm_x, 1 / grid.scale.mm_y


def _span(
    region: Mapping[str, object], names: tuple[str, str, str], unit: float, limit: int
) -> tuple[int, int]:
    """Return the first and one past the last base pixel of one direction, cut to the image."""
    start, end, length = (_number(region.get(name)) for name in names)
    if length is not None and length < 0:
        raise InvalidRequest(f"a region's {names[2]} is not negative, as {length}")
    first = _edge(start, unit, limit)
    last = _edge(end, unit, limit)
    if first is None:
        first = last - length * unit if last is not None and length is not None else 0.0
    if last is None:
        last = first + length * unit if length is not None else float(limit)
    low, high = (min(max(edge, 0.0), float(limit)) for edge in (first, last))
    return round(low), round(high)


def _edge(value: float | None, unit: float, limit: int) -> float | None:
    if value is None:
        return None
    return value * unit + (limit if value < 0 else 0)


def _number(value: object) -> float | None:
    if value is None:
        return None
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError) as exc:
        raise InvalidRequest(f"{value!r} is not a number") from exc
    if not math.isfinite(number):
        raise InvalidRequest(f"{value!r} is not a finite number")
    return number


def _whole(value: object) -> int | None:
    number = _number(value)
    return None if number is None else int(number)
