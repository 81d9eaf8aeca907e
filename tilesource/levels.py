"""Levels of the tile grid: their scales, and which of them are stored in the file."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

from tilesource.arguments import number
from tilesource.errors import InvalidRequest
from tilesource.formats.base import Level
from tilesource.geometry import Grid, Scale

_DIGITS = 4  # of a level's number; a scale that is nearer to a level is that level's
_FARTHEST = 64  # levels below or above the image's own that still have a scale


def scale_at(grid: Grid, level: float | None = None) -> dict[str, Any]:
    """Return the magnification and pixel size at a level, the highest for None.

    `scale` tells how many base pixels a pixel of it is wide. The level may be a fraction, or lie
    beyond those of the image.
    """
    top = grid.levels - 1
    wanted = top if level is None else number(level, "a level")
    if wanted is None or abs(wanted - top) > _FARTHEST:
        raise InvalidRequest(f"a level is about 0 to {top}, not {level!r}")
    step = 2.0 ** (top - wanted)
    scale = grid.scale.coarser(step)
    return {
        "magnification": scale.magnification, "mm_x": scale.mm_x, "mm_y": scale.mm_y,
        "level": top if level is None else level, "scale": step,
    }  # fmt: skip


def level_for(
    grid: Grid, wanted: Scale, exact: bool = False, rounding: str | bool | None = "round"
) -> int | float | None:
    """Return the level of a scale, the highest if the scale is not known, None if none matches.

    Rounding is `round`, `ceil` (None above the highest level), False for a fraction of a level
    within those of the image, or None for a fraction that may lie beyond them.
    """
    if rounding not in ("round", "ceil", False, None):
        raise InvalidRequest(f"rounding is 'round', 'ceil', False or None, not {rounding!r}")
    top = grid.levels - 1
    factor = grid.scale.factor_to(wanted)
    if factor is None:
        return top
    level = round(top + math.log2(factor), _DIGITS)
    if exact and not _is_exact(grid, wanted, level):
        return None
    if rounding is None:
        return level
    if rounding == "ceil":
        level = math.ceil(level)
        return max(level, 0) if level <= top else None
    return min(max(level if rounding is False else round(level), 0), top)


def stored_levels(grid: Grid, levels: Sequence[Level]) -> frozenset[int]:
    """Return the levels of the grid that are in the file, whatever they are cut into."""
    base, found = levels[0], {grid.levels - 1}
    for stored in levels[1:]:
        power = max(0, round(math.log2(base.width / stored.width)))
        near = abs(base.width / 2**power - stored.width) < 1.5
        if near and abs(base.height / 2**power - stored.height) < 1.5 and power < grid.levels:
            found.add(grid.levels - 1 - power)
    return frozenset(found)


def preferred_level(stored: Collection[int], level: int) -> int:
    """Return the coarsest stored level that is no coarser than a level; the highest beyond it."""
    return min((found for found in stored if found >= level), default=max(stored))


def _is_exact(grid: Grid, wanted: Scale, level: float) -> bool:
    """Tell whether a level is one of the image, and each of the wanted measures is its."""
    if level != int(level) or not 0 <= level < grid.levels:
        return False
    each = (
        Scale(magnification=wanted.magnification), Scale(mm_x=wanted.mm_x), Scale(mm_y=wanted.mm_y)
    )  # fmt: skip
    factors = [factor for factor in map(grid.scale.factor_to, each) if factor]
    top = grid.levels - 1
    return all(round(top + math.log2(factor), _DIGITS) == level for factor in factors)
