from __future__ import annotations

import pytest

from tilesource.errors import InvalidRequest
from tilesource.geometry import Grid, Scale
from tilesource.levels import level_for, preferred_level, scale_at

# As scanners make them: 40x, a quarter of a micrometre a pixel, and four levels.
GRID = Grid(
    width=1000, height=700, tile_width=128, tile_height=128,
    scale=Scale(magnification=40, mm_x=0.00025, mm_y=0.00025),
)  # fmt: skip

# As large_image answers: magnification -> round, exact, ceil, within, beyond.
ANSWERS = [
    (0.1, 0, None, 0, 0, -5.6439), (2.5, 0, None, 0, 0, -1.0), (5, 0, 0, 0, 0, 0.0),
    (7, 0, None, 1, 0.4854, 0.4854), (7.1, 1, None, 1, 0.5059, 0.5059),
    (15, 2, None, 2, 1.585, 1.585), (20, 2, 2, 2, 2, 2.0),
    (40, 3, 3, 3, 3, 3.0), (41, 3, None, None, 3, 3.0356), (80, 3, None, None, 3, 4.0),
]  # fmt: skip


@pytest.mark.parametrize(("magnification", "near", "exact", "ceil", "within", "beyond"), ANSWERS)
def test_levels_of_magnifications(
    magnification: float, near: int, exact: int | None, ceil: int | None, within: float,
    beyond: float,
) -> None:  # fmt: skip
    wanted = Scale(magnification=magnification)
    assert level_for(GRID, wanted) == near
    assert level_for(GRID, wanted, exact=True) == exact
    assert level_for(GRID, wanted, rounding="ceil") == ceil
    assert level_for(GRID, wanted, rounding=False) == pytest.approx(within)
    assert level_for(GRID, wanted, rounding=None) == pytest.approx(beyond)


def test_levels_of_pixel_sizes() -> None:
    assert level_for(GRID, Scale(mm_x=0.001)) == 1
    assert level_for(GRID, Scale(mm_x=0.0005, mm_y=0.001), rounding=False) == 1.5
    assert level_for(GRID, Scale(mm_x=0.0005, magnification=20), exact=True) == 2
    assert level_for(GRID, Scale(mm_x=0.0005, magnification=10), exact=True) is None


def test_no_scale_is_the_highest_level() -> None:
    unknown = Grid(width=1000, height=700, tile_width=128, tile_height=128, scale=Scale())
    assert level_for(GRID, Scale()) == 3
    assert level_for(unknown, Scale(magnification=5)) == 3


def test_an_unknown_rounding_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="'floor'"):
        level_for(GRID, Scale(magnification=5), rounding="floor")


def test_scales_of_levels() -> None:
    assert scale_at(GRID) == {
        "magnification": 40.0, "mm_x": 0.00025, "mm_y": 0.00025, "level": 3, "scale": 1.0,
    }  # fmt: skip
    assert scale_at(GRID, 0)["magnification"] == 5.0
    assert scale_at(GRID, 4)["scale"] == 0.5
    assert scale_at(GRID, 1.5)["magnification"] == pytest.approx(14.142, abs=1e-3)


@pytest.mark.parametrize("level", ["x", 1e9, float("nan")])
def test_a_level_that_is_none_is_refused(level: object) -> None:
    with pytest.raises(InvalidRequest):
        scale_at(GRID, level)


@pytest.mark.parametrize(("level", "stored"), [(-1, 1), (0, 1), (1, 1), (2, 3), (3, 3), (9, 3)])
def test_the_preferred_level_is_stored_and_no_coarser(level: int, stored: int) -> None:
    assert preferred_level({1, 3}, level) == stored
