"""Regions and points in the units of the documented API, from and to base pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tilesource.arguments import number, record
from tilesource.constants import TileInputUnits
from tilesource.errors import InvalidRequest
from tilesource.geometry import Box, Grid, Scale

_MILLIMETRES = {"nm": 1e-6, "um": 1e-3, "mm": 1.0, "m": 1e3, "km": 1e6}
_ACROSS = ("left", "right", "width")
_DOWN = ("top", "bottom", "height")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How many base pixels one unit is across and down."""

    name: str
    across: float
    down: float


def measure_of(grid: Grid, units: object, scale: Scale) -> Measure:
    """Return what a name of units means in an image, pixels being those of the scale."""
    name = TileInputUnits.get(str(units or "base_pixels").lower())
    if name == "fraction":
        return Measure(name=name, across=grid.width, down=grid.height)
    if name == "mag_pixels":
        factor = grid.scale.factor_to(scale) or 1.0
        return Measure(name=name, across=1 / factor, down=1 / factor)
    if name == "base_pixels":
        return Measure(name=name, across=1.0, down=1.0)
    if name not in _MILLIMETRES:
        known = "base_pixels, mag_pixels, fraction, " + ", ".join(_MILLIMETRES)
        raise InvalidRequest(f"units are one of {known}, not {units!r}")
    if not grid.scale.mm_x or not grid.scale.mm_y:
        raise InvalidRequest("the image does not say how many millimetres its pixels are")
    step = _MILLIMETRES[name]
    return Measure(name=name, across=step / grid.scale.mm_x, down=step / grid.scale.mm_y)


def region_of(grid: Grid, region: object, scale: Scale) -> Box:
    """Parse a `region` dictionary into base pixels, cut to the image; it may be empty.

    Negative left, top, right and bottom count from the right and bottom edges. `unitsWH` are units
    of width and height, which then count before right and bottom.
    """
    wanted = record(region, "a region")
    across, down = _directions(grid, wanted, scale)
    left, right = across.span(wanted)
    top, bottom = down.span(wanted)
    width, height = max(right - left, 0), max(bottom - top, 0)
    return Box(x=left, y=top, width=width, height=height)


def convert_region(
    grid: Grid,
    region: object,
    source_scale: Scale,
    target_scale: Scale,
    target_units: str | None,
    crop: bool,
) -> dict[str, object]:
    """Return the region under the same keys in other units, or as it is if they are the same."""
    wanted = record(region, "a region")
    source = measure_of(grid, wanted.get("units"), source_scale)
    target = _target(grid, source, target_scale, target_units)
    if target == source:
        return dict(wanted)
    converted: dict[str, object] = {}
    across, down = _directions(grid, wanted, source_scale)
    for direction, step in ((across, target.across), (down, target.down)):
        first, last = direction.ends(wanted)
        if crop:
            first, last = (min(max(edge, 0.0), float(direction.limit)) for edge in (first, last))
            last = max(first, last)
        values = (first, last, last - first)
        for name, value in zip(direction.names, values, strict=True):
            if wanted.get(name) is not None:
                converted[name] = value / step
    return converted | {"units": target.name}


def convert_point(
    grid: Grid,
    point: Sequence[float],
    source_scale: Scale,
    source_units: str | None,
    target_scale: Scale,
    target_units: str | None,
) -> tuple[float, float]:
    """Return an (x, y) in other units, or as it is if they are the same."""
    x, y = _pair(point)
    source = measure_of(grid, source_units, source_scale)
    target = _target(grid, source, target_scale, target_units)
    if target == source:
        return x, y
    return x * source.across / target.across, y * source.down / target.down


def _target(grid: Grid, source: Measure, scale: Scale, units: str | None) -> Measure:
    """Return the units to convert to: those of the source, but pixels of a scale become base."""
    default = "base_pixels" if source.name == "mag_pixels" else source.name
    return measure_of(grid, units or default, scale)


def _pair(point: Sequence[float]) -> tuple[float, float]:
    if isinstance(point, str | Mapping) or not hasattr(point, "__len__") or len(point) != 2:
        raise InvalidRequest(f"a point is (x, y), not {point!r}")
    x, y = number(point[0], "x"), number(point[1], "y")
    if x is None or y is None:
        raise InvalidRequest(f"a point is (x, y), not {point!r}")
    return x, y


@dataclass(frozen=True, slots=True, kw_only=True)
class _Direction:
    """One direction of an image: its keys in a region, and the base pixels of their units."""

    names: tuple[str, str, str]
    limit: int
    unit: float
    length_unit: float | None = None

    def span(self, region: Mapping[str, object]) -> tuple[int, int]:
        """Return the first and one past the last base pixel of a region, cut to the image."""
        low, high = (min(max(edge, 0.0), float(self.limit)) for edge in self.ends(region))
        return round(low), round(high)

    def ends(self, region: Mapping[str, object]) -> tuple[float, float]:
        """Return where a region starts and ends, in base pixels."""
        start, end, length = (number(region.get(name), name) for name in self.names)
        if length is not None and length < 0:
            raise InvalidRequest(f"a region's {self.names[2]} is not negative, as {length}")
        first, last = _edge(start, self.unit, self.limit), _edge(end, self.unit, self.limit)
        reach = None if length is None else length * (self.length_unit or self.unit)
        if self.length_unit is not None and first is not None and reach is not None:
            return first, first + reach
        if first is None:
            first = last - reach if last is not None and reach is not None else 0.0
        if last is None:
            last = first + reach if reach is not None else float(self.limit)
        return first, last


def _directions(
    grid: Grid, region: Mapping[str, object], scale: Scale
) -> tuple[_Direction, _Direction]:
    """Return across and down, in the units of a region."""
    unit = measure_of(grid, region.get("units"), scale)
    across = _Direction(names=_ACROSS, limit=grid.width, unit=unit.across)
    down = _Direction(names=_DOWN, limit=grid.height, unit=unit.down)
    if not region.get("unitsWH"):
        return across, down
    lengths = measure_of(grid, region["unitsWH"], scale)
    return replace(across, length_unit=lengths.across), replace(down, length_unit=lengths.down)


def _edge(value: float | None, unit: float, limit: int) -> float | None:
    if value is None:
        return None
    return value * unit + (limit if value < 0 else 0)
