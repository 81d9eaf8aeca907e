"""Scales that nobody can mean are refused before they overflow."""

from __future__ import annotations

import pytest

from tilesource.errors import InvalidRequest
from tilesource.geometry import Grid, Scale, output_of, output_size, region_of

GRID = Grid(
    width=700, height=500, tile_width=256, tile_height=256,
    scale=Scale(magnification=20, mm_x=0.0005, mm_y=0.0005),
)  # fmt: skip


@pytest.mark.parametrize("scale", [{"mm_x": 1e-320}, {"mm_x": 1, "mm_y": 1e-320}])
def test_a_scale_may_not_be_too_far_off(scale: dict[str, float]) -> None:
    with pytest.raises(InvalidRequest, match="too far"):
        output_size(GRID, region_of(GRID, None, GRID.scale), output_of(None, scale))


def test_pixels_of_a_scale_may_not_be_too_far_off() -> None:
    wanted = output_of(None, {"magnification": 1e-320})
    with pytest.raises(InvalidRequest, match="too far"):
        region_of(GRID, {"units": "pixels", "left": 0, "width": 1}, wanted.scale)
