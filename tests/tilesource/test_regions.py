from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilesource.errors import InvalidRequest
from tilesource.geometry import ANY_SCALE, Box, Grid, Output, Scale, output_size
from tilesource.regions import convert_point, convert_region, region_of

GRID = Grid(
    width=1000, height=700, tile_width=128, tile_height=128,
    scale=Scale(magnification=40, mm_x=0.00025, mm_y=0.00025),
)  # fmt: skip
HALF = Scale(mm_x=0.0005)


def box(**region: object) -> tuple[int, int, int, int]:
    found = region_of(GRID, region, HALF)
    return found.x, found.y, found.width, found.height


def test_regions_in_pixels() -> None:
    assert box() == (0, 0, 1000, 700)
    assert box(left=100, top=50, width=300, height=200) == (100, 50, 300, 200)
    assert box(right=400, width=300, bottom=250, height=200) == (100, 50, 300, 200)
    assert box(left=100, right=400, width=5) == (100, 0, 300, 700)
    assert box(left=-100, right=-20, top=-50) == (900, 650, 80, 50)
    assert box(left=0.4, right=10.6, top=0.5, bottom=10.5) == (0, 0, 11, 10)


def test_width_and_height_may_have_units_of_their_own() -> None:
    corner = {"left": 100, "top": 70}
    assert box(**corner, width=0.1, height=0.2, unitsWH="fraction") == (100, 70, 100, 140)
    assert box(**corner, width=5, right=20, unitsWH="mag_pixels") == (100, 70, 10, 630)
    assert box(left=0.1, top=0.1, width=10, height=20, units="fraction", unitsWH="base_pixels") == (
        100, 70, 10, 20,
    )  # fmt: skip
    with pytest.raises(InvalidRequest, match="units"):
        box(width=5, unitsWH="yards")


def test_units_of_width_and_height_become_those_of_the_region() -> None:
    region = {"left": 100, "top": 70, "width": 0.1, "height": 0.2, "unitsWH": "fraction"}
    found = convert_region(GRID, region, HALF, ANY_SCALE, "mm", crop=False)
    assert found.pop("units") == "mm"
    assert found == pytest.approx({"left": 0.025, "top": 0.0175, "width": 0.025, "height": 0.035})


def test_regions_partly_outside_are_cut() -> None:
    assert box(left=900, width=500, top=600, bottom=9000) == (900, 600, 100, 100)
    assert box(right=100, width=300) == (0, 0, 100, 700)


@pytest.mark.parametrize("region", [{"left": 500, "right": 400}, {"left": 1000}, {"width": 0},
                                    {"top": 800, "height": 10}])  # fmt: skip
def test_regions_outside_are_empty(region: dict[str, object]) -> None:
    assert region_of(GRID, region, ANY_SCALE).is_empty


UNITS = {
    "base_pixels": (1, 1), "mag_pixels": (0.5, 0.5), "pixels": (0.5, 0.5),
    "mm": (0.00025, 0.00025), "um": (0.25, 0.25), "fraction": (1 / 1000, 1 / 700),
}  # fmt: skip


@given(
    left=st.integers(0, 999), top=st.integers(0, 699), width=st.integers(1, 1000),
    height=st.integers(1, 700), unit=st.sampled_from(list(UNITS)),
)  # fmt: skip
def test_a_region_is_the_same_in_any_unit(
    left: int, top: int, width: int, height: int, unit: str
) -> None:
    across, down = UNITS[unit]
    region = {"left": left * across, "top": top * down, "width": width * across,
              "height": height * down, "units": unit}  # fmt: skip
    expected = Box(x=left, y=top, width=min(width, 1000 - left), height=min(height, 700 - top))
    assert region_of(GRID, region, HALF) == expected


BAD = [
    {"left": "x"}, {"left": float("nan")}, {"left": float("inf")}, {"width": -1}, {"left": [1]},
    {"units": "furlongs"}, {"units": 5}, {"left": 10**400},
]  # fmt: skip


@pytest.mark.parametrize("region", [*BAD, "all", 5, [1, 2]])
def test_what_is_no_region_is_refused(region: object) -> None:
    with pytest.raises(InvalidRequest):
        region_of(GRID, region, ANY_SCALE)


def test_millimetres_of_an_image_that_has_none_are_refused() -> None:
    grid = Grid(width=10, height=10, tile_width=4, tile_height=4, scale=Scale())
    with pytest.raises(InvalidRequest, match="millimetres"):
        region_of(grid, {"left": 1, "units": "mm"}, ANY_SCALE)


REGION = {"left": 100, "top": 50, "width": 300, "height": 200}


def converted(
    region: object, units: str | None, target: Scale = ANY_SCALE, crop: bool = True
) -> dict[str, object]:
    return convert_region(GRID, region, HALF, target, units, crop)


def test_converting_regions() -> None:
    assert converted(REGION, None) == REGION
    assert converted(REGION, "fraction") == pytest.approx(
        {"left": 0.1, "top": 50 / 700, "width": 0.3, "height": 200 / 700, "units": "fraction"}
    )
    assert converted(REGION, "mag_pixels", HALF) == {
        "left": 50, "top": 25, "width": 150, "height": 100, "units": "mag_pixels",
    }  # fmt: skip
    in_pixels = {**REGION, "units": "mag_pixels"}
    assert converted(in_pixels, None, crop=False) == {
        "left": 200, "top": 100, "width": 600, "height": 400, "units": "base_pixels",
    }  # fmt: skip


def test_converted_regions_are_cut_to_the_image_unless_asked_not_to() -> None:
    region = {"left": 900, "width": 3000}
    assert converted(region, "fraction")["width"] == pytest.approx(0.1)
    assert converted(region, "fraction", crop=False)["width"] == pytest.approx(3)


def test_converting_points() -> None:
    args = (HALF, "mag_pixels", Scale(mm_x=0.001), "mag_pixels")
    assert convert_point(GRID, (100, 50), *args) == (50, 25)
    assert convert_point(GRID, (0.1, 0.05), ANY_SCALE, "mm", ANY_SCALE, "fraction") == (
        pytest.approx((0.4, 2 / 7))
    )
    assert convert_point(GRID, (100, 50), ANY_SCALE, None, ANY_SCALE, None) == (100, 50)


@pytest.mark.parametrize("point", [None, 5, "ab", (1,), (1, 2, 3), ("x", 1), (None, 1), {}])
def test_what_is_no_point_is_refused(point: object) -> None:
    with pytest.raises(InvalidRequest):
        convert_point(GRID, point, ANY_SCALE, None, ANY_SCALE, "mm")


def size(region: Box, **output: object) -> tuple[int, int]:
    return output_size(GRID, region, Output(**output))


def test_sizes_keep_the_shape() -> None:
    whole = GRID.whole
    assert size(whole) == (1000, 700)
    assert size(whole, max_width=256, max_height=256) == (256, 179)
    assert size(whole, max_height=70) == (100, 70)
    assert size(whole, scale=Scale(magnification=13)) == (325, 227)
    assert size(whole, scale=Scale(mm_x=0.0005, mm_y=0.002)) == (250, 175)
    assert size(whole, max_width=50, scale=HALF) == (50, 35)


def test_a_strip_does_not_become_endless() -> None:
    assert size(Box(x=0, y=0, width=1000, height=2), max_height=100) == (1600, 3)
