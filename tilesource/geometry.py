"""Levels, scales and sizes: pure functions on small frozen values.

Base pixels are those of the full-resolution image. Level z of the tile grid shows the image at
1 / 2 ** (levels - 1 - z) of their resolution, so that z = 0 is the whole image in one tile.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tilesource.arguments import number, record, whole
from tilesource.errors import InvalidRequest

_LONGEST = 16
_SAME_LEVEL = 5e-5  # that a scale may be away from a level's and still be its


# Scales beyond are nobody's, and arithmetic on them overflows.
_TINIEST = 1e-15


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle of whole pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def is_empty(self) -> bool:
        """Tell whether there is not a pixel in it."""
        return self.width < 1 or self.height < 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How large a pixel is: the objective's magnification, or its size in millimetres."""

    magnification: float | None = None
    mm_x: float | None = None
    mm_y: float | None = None

    def __post_init__(self) -> None:
        for value in (self.magnification, self.mm_x, self.mm_y):
            if value is not None and not _TINIEST <= value <= 1 / _TINIEST:  # NaN is not, too
                raise InvalidRequest(f"a scale is a positive number that can be meant, not {value}")

    def coarser(self, step: float) -> Scale:
        """Return the scale of pixels that are so many times wider and higher."""
        return Scale(
            magnification=self.magnification / step if self.magnification else None,
            mm_x=self.mm_x * step if self.mm_x else None,
            mm_y=self.mm_y * step if self.mm_y else None,
        )

    def factor_to(self, wanted: Scale) -> float | None:
        """Return pixels of the wanted scale per pixel of this one, or None if it is not known.

        Where several measures are wanted, it is their geometric mean, so that shapes are kept.
        """
        ratios = [
            ratio
            for ratio in (
                _ratio(wanted.magnification, self.magnification),
                _ratio(self.mm_x, wanted.mm_x),
                _ratio(self.mm_y, wanted.mm_y),
            )
            if ratio
        ]
        if len(ratios) < 2:
            return ratios[0] if ratios else None
        return 2 ** (sum(math.log2(ratio) for ratio in ratios) / len(ratios))


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
        """Return the number of levels, the coarsest being one tile; an empty image has none."""
        tiles = max(self.width / self.tile_width, self.height / self.tile_height)
        return max(0, math.ceil(math.log2(tiles))) + 1 if tiles else 0

    @property
    def whole(self) -> Box:
        """Return all base pixels."""
        return Box(x=0, y=0, width=self.width, height=self.height)

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
    """The largest size a result may have, and else the scale it is wanted in.

    An `exact` scale gives nothing where no stored level has it.
    """

    max_width: int | None = None
    max_height: int | None = None
    scale: Scale = ANY_SCALE
    exact: bool = False

    def __post_init__(self) -> None:
        for value in (self.max_width, self.max_height):
            if value is not None and value < 1:
                raise InvalidRequest(f"an output is at least one pixel wide and high, not {value}")

    @property
    def has_size(self) -> bool:
        """Tell whether a size is wanted, before which a scale does not count."""
        return self.max_width is not None or self.max_height is not None

    @property
    def is_exact(self) -> bool:
        """Tell whether nothing but just the scale is wanted."""
        return self.exact and not self.has_size


def output_of(output: object, scale: object) -> Output:
    """Parse the `output` and `scale` dictionaries of the documented API."""
    size, wanted = record(output, "an output"), record(scale, "a scale")
    return Output(
        max_width=whole(size.get("maxWidth"), "maxWidth"),
        max_height=whole(size.get("maxHeight"), "maxHeight"),
        scale=scale_of(wanted),
        exact=bool(wanted.get("exact")),
    )


def scale_of(scale: Mapping[str, object] | None) -> Scale:
    """Parse a `scale` dictionary of the documented API; a measure of 0 says nothing."""
    wanted = record(scale, "a scale")
    return Scale(
        magnification=number(wanted.get("magnification"), "magnification") or None,
        mm_x=number(wanted.get("mm_x"), "mm_x") or None,
        mm_y=number(wanted.get("mm_y"), "mm_y") or None,
    )


def output_factor(grid: Grid, region: Box, output: Output) -> float:
    """Return output pixels per base pixel; a scale the image does not know is full resolution."""
    if not output.has_size:
        return grid.scale.factor_to(output.scale) or 1.0
    # A side that is not limited is at most so many times the other: a strip has to end somewhere.
    width = output.max_width or _LONGEST * (output.max_height or 1)
    height = output.max_height or _LONGEST * (output.max_width or 1)
    return min(width / region.width, height / region.height)


def output_size(grid: Grid, region: Box, output: Output) -> tuple[int, int]:
    """Return the width and height a region of base pixels is rendered in; its shape is kept."""
    factor = output_factor(grid, region, output)
    # A hair more than the product, for 250 * (50 / 250) can come out below 50.
    width = math.floor(region.width * factor + 1e-9 * region.width)
    height = math.floor(region.height * factor + 1e-9 * region.height)
    return max(1, width), max(1, height)


def power_of(factor: float) -> int | None:
    """Return how many times a factor halves an image; None if it is not that of a level."""
    power = round(-math.log2(factor))
    is_level = power >= 0 and abs(power + math.log2(factor)) <= _SAME_LEVEL
    return power if is_level else None


def in_whole_pixels(
    region: Box, limit: Grid, width: int, height: int, power: int, stored: int
) -> Box:
    """Return the part of a region that is whole pixels of the result, halved that many times.

    It starts on a pixel of the stored level that is read, which spans `stored` base pixels, so that
    nothing needs to be resampled. Of a region smaller than a pixel it is that pixel.
    """
    step = 1 << power
    x, across = _whole(region.x, width * step, stored, limit.width)
    y, down = _whole(region.y, height * step, stored, limit.height)
    if not across or not down:
        return region
    return Box(x=x, y=y, width=across, height=down)


def _whole(start: int, length: int, stored: int, limit: int) -> tuple[int, int]:
    """Return where a length starts and how long it is, 0 if the image is shorter."""
    if length > limit:
        return start, 0
    return min(start // stored * stored, limit - length), length


def nearPowerOfTwo(val1: float, val2: float, tolerance: float = 0.02) -> bool:
    """Tell whether two values differ by a power of two, but for a little in its exponent."""
    if not (val1 and val2) or val1 / val2 <= 0:
        return False
    exponent = math.log2(val1 / val2)
    return abs(exponent - round(exponent)) < tolerance


def _ratio(above: float | None, below: float | None) -> float | None:
    return above / below if above and below else None
