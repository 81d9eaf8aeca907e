"""What styles make of pixels, against values worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.tilesource.arrays import ArrayReader, render, row
from tilesource.geometry import Box
from tilesource.rendering import Renderer

GREY = row(0, 10, 100, 200, 255)
RGB = row((10, 20, 30), (200, 100, 50), (0, 255, 128))
RED_AND_BLUE = [{"band": 1, "palette": "#f00"}, {"band": 3, "palette": "#00f"}]


def shown(pixels: np.ndarray, style: Any, **more: Any) -> list[Any]:
    """Return the one row of an image as the style shows it, a list a pixel."""
    return np.round(render(pixels, style=style, **more)[0].astype(float), 2).tolist()


def test_without_a_style_pixels_are_as_stored() -> None:
    assert render(RGB, style=None) is not None
    assert np.array_equal(render(RGB, style={}), RGB)
    assert not Renderer(ArrayReader(RGB)).has_style


def test_a_grey_image_stays_one_band_of_floats() -> None:
    pixels = render(GREY, style={"band": 1})
    assert (pixels.shape, pixels.dtype) == ((1, 5, 1), np.float32)
    assert pixels[0, :, 0].tolist() == [0, 10, 100, 200, 255]


def test_colours_are_rgba() -> None:
    assert shown(RGB, {"band": 1}) == [[10] * 3 + [255], [200] * 3 + [255], [0] * 3 + [255]]


BANDS = [
    (-1, 20), (None, 20), ("gray", 20), ("grey", 20), ("green", 20), (1, 10), ("1", 10), (1.0, 10),
    ("red", 10), (3, 30), ("blue", 30), (4, 40), (5, 20),
]  # fmt: skip


@pytest.mark.parametrize(("band", "value"), BANDS)
def test_a_band_goes_by_number_or_name(band: object, value: int) -> None:
    assert shown(row((10, 20, 30, 40)), {"band": band}) == [[value] * 3 + [255]]


@pytest.mark.parametrize("name", ["red", "green", "blue", "gray", 9])
def test_in_a_grey_image_every_colour_is_grey(name: str) -> None:
    assert shown(row((10, 99)), {"band": name}) == [[10, 10, 10, 255]]


@pytest.mark.parametrize(("low", "high", "expected"), [
    (0, 255, [0, 10, 100, 200, 255]),
    (10, 200, [0, 0, 120.79, 255, 255]),  # (100 - 10) / 190 * 255
    ("10", "200", [0, 0, 120.79, 255, 255]),
    (200, 10, [255, 255, 134.21, 0, 0]),
    (100, 100, [0, 0, 0, 255, 255]),
    ("max", "min", [255, 245, 155, 55, 0]),
    ("full", "full", [0, 10, 100, 200, 255]),
    ("auto", "auto", [0, 10, 100, 200, 255]),
])  # fmt: skip
def test_values_are_stretched_and_clamped(low: object, high: object, expected: list[float]) -> None:
    assert shown(GREY, {"min": low, "max": high}) == [[each] for each in expected]


@pytest.mark.parametrize("dtype", ["uint16", "int16", "int32", "float32", "float64", ">u2"])
def test_auto_is_what_the_image_holds_beyond_8_bits(dtype: str) -> None:
    assert shown(row(100, 350, 600, dtype=dtype), {"band": 1}) == [[0], [127.5], [255]]


@pytest.mark.parametrize(("values", "expected"), [
    ((30, 90, 157), [30, 90, 157]),  # on a screen's scale already
    ((0.25, 0.5, 0.75), [0, 127.5, 255]),
    ((-1, 49, 99), [0, 127.5, 255]),
    ((0, 128, 256), [0, 127.5, 255]),
])  # fmt: skip
def test_auto_leaves_a_screens_values_alone(values: Any, expected: list[float]) -> None:
    assert shown(row(*values, dtype="float32"), {"band": 1}) == [[each] for each in expected]


@pytest.mark.parametrize(("dtype", "full"), [
    ("uint16", 65535), ("float32", 1), ("int32", 255), ("uint8", 255),
])  # fmt: skip
def test_full_is_the_maximum_of_the_type(dtype: str, full: int) -> None:
    pixels = row(0, full, dtype=dtype)
    assert shown(pixels, {"min": "full", "max": "full"}) == [[0], [255]]


def test_thresholds_leave_out_a_share_of_the_pixels() -> None:
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    styled = render(pixels, style={"min": "min:0.02", "max": "max:0.02"})
    # 2 % of 256 values are five: 0 to 4, and 251 to 255.
    expected = np.clip((pixels.astype(float) - 5) / (251 - 5), 0, 1) * 255
    assert np.allclose(styled, expected, atol=1e-3)


def test_statistics_are_those_of_the_frame_that_is_shown() -> None:
    frames = [row(0, 100, 400, dtype="uint16"), row(1000, 2000, 5000, dtype="uint16")]
    style = {"min": "min", "max": "max"}
    assert np.allclose(render(*frames, style=style, frame=0)[0, 1], 63.75)
    assert np.allclose(render(*frames, style=style, frame=1)[0, 1], 63.75)


def test_statistics_are_gathered_once() -> None:
    reader = ArrayReader(row(5, 500, dtype="uint16"))
    renderer, reads = Renderer(reader, {"min": "min", "max": "max"}), []
    read = reader._read
    reader._read = lambda *args: reads.append(args) or read(*args)  # type: ignore[method-assign]
    for _ in range(5):
        renderer.region(0, Box(x=0, y=0, width=2, height=1), 2, 1)
    assert len(reads) == 6


@pytest.mark.parametrize(("palette", "expected"), [
    ("#f80", [[0, 0, 0, 255], [102, 54.4, 0, 255], [255, 136, 0, 255]]),
    ("#00ff0080", [[0, 0, 0, 255], [0, 102, 0, 204.2], [0, 255, 0, 128]]),
    (["#f00", "#0f0", "#00f"], [[255, 0, 0, 255], [51, 204, 0, 255], [0, 0, 255, 255]]),
    (["#123456"], [[18, 52, 86, 255]] * 3),
    ([[0, 0, 0], [1, 0.2, 0, 0.6]], [[0, 0, 0, 255], [102, 20.4, 0, 214.2], [255, 51, 0, 153]]),
])  # fmt: skip
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_a_palette_blends_its_colours(palette: Any, expected: Any, dtype: str) -> None:
    style = {"palette": palette, "min": 0, "max": 255}
    assert shown(row(0, 102, 255, dtype=dtype), style) == expected


def test_a_discrete_scheme_has_as_many_colours_as_the_palette() -> None:
    style = {"palette": ["#f00", "#0f0", "#00f"], "scheme": "discrete"}
    red, green, blue = [255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]
    assert shown(row(0, 84, 85, 169, 170, 255), style) == [red, red, green, green, blue, blue]


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32"])
def test_without_clamp_what_is_beyond_is_transparent(dtype: str) -> None:
    style = {"palette": "#fff", "min": 50, "max": 200, "clamp": False, "axis": 3}
    pixels = np.stack([row(49, 50, 200, 201, dtype=dtype)[..., 0]] * 3, axis=-1)
    assert shown(pixels, style) == [[0], [255], [255], [0]]


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_nodata_is_transparent(dtype: str) -> None:
    style = {"palette": "#f00", "nodata": 100, "min": 0, "max": 255}
    assert shown(row(99, 100, dtype=dtype), style) == [[99, 0, 0, 255], [0, 0, 0, 0]]


def test_nodata_is_not_mixed_with_what_is_around_it() -> None:
    pixels = np.full((8, 8, 1), 100, np.float32)
    pixels[:, 3:] = -9999
    renderer = Renderer(
        ArrayReader(pixels), {"palette": "#f00", "nodata": -9999, "min": 0, "max": 200}
    )
    small = renderer.region(0, Box(x=0, y=0, width=8, height=8), 3, 3)
    assert {tuple(each) for each in small.reshape(-1, 4).tolist()} == {
        (127.5, 0, 0, 255), (0, 0, 0, 0),
    }  # fmt: skip


def test_what_is_no_number_is_transparent() -> None:
    pixels = row(0, np.nan, np.inf, -np.inf, dtype="float32")
    style = {"palette": "#f00", "min": 0, "max": 1}
    assert [each[3] for each in shown(pixels, style)] == [255, 0, 255, 255]


def test_bands_are_lightened() -> None:
    assert shown(RGB, {"bands": RED_AND_BLUE}) == [
        [10, 0, 30, 255], [200, 0, 50, 255], [0, 0, 128, 255],
    ]  # fmt: skip


@pytest.mark.parametrize("dtype", [None, "uint8", "uint16", "float", "int16"])
def test_bands_are_multiplied(dtype: str | None) -> None:
    bands = [{"band": 1, "palette": "#ff0"}, {"band": 2, "palette": "#f00"}]
    style = {"bands": [bands[0], {**bands[1], "composite": "multiply"}], "dtype": dtype}
    full = {"uint16": 65535, "float": 1}.get(str(dtype), 255)
    pixels = render(RGB, style=style).astype(float) / full * 255
    expected = [[10 * 20 / 255, 0, 0, 255], [200 * 100 / 255, 0, 0, 255], [0, 0, 0, 255]]
    assert np.abs(pixels[0] - expected).max() <= (0.51 if dtype in ("uint8", "int16") else 0.01)


def test_what_is_hidden_hides_nothing_below() -> None:
    for composite in ("lighten", "multiply"):
        over = {"band": 2, "palette": "#0f0", "nodata": 20, "composite": composite}
        style = {"bands": [{"band": 1, "palette": "#f00"}, over]}
        assert shown(RGB, style)[0] == [10, 0, 0, 255]


def test_alpha_is_multiplied_in() -> None:
    pixels = row((200, 0, 100, 51), (200, 0, 100, 255))
    style = {"bands": [*RED_AND_BLUE, {"band": "alpha"}]}
    assert shown(pixels, style) == [[200, 0, 100, 51], [200, 0, 100, 255]]


def test_an_image_without_alpha_is_opaque() -> None:
    style = {"bands": [*RED_AND_BLUE, {"band": "alpha", "min": 10, "max": 20}]}
    assert shown(RGB, style)[1] == [200, 0, 50, 255]


def test_a_style_without_bands_is_transparent() -> None:
    assert shown(RGB, {"bands": []}) == [[0, 0, 0, 0]] * 3


@pytest.mark.parametrize(("dtype", "values"), [
    ("uint8", [0, 51, 255]), ("uint16", [0, 13107, 65535]), ("float", [0, 0.2, 1]),
    ("float32", [0, 51, 255]), ("float64", [0, 51, 255]), ("int32", [0, 51, 255]),
])  # fmt: skip
@pytest.mark.parametrize("source", ["uint8", "float32"])
def test_results_are_of_the_type_that_is_asked_for(
    dtype: str, values: list[float], source: str
) -> None:
    style = {"dtype": dtype, "min": 0, "max": 255}
    pixels = render(row(0, 51, 255, dtype=source), style=style)
    assert pixels.dtype == {"float": "float32"}.get(dtype, dtype)
    assert np.allclose(pixels.ravel(), values)


@pytest.mark.parametrize(("source", "dtype", "high"), [
    ("uint8", "uint8", 255), ("uint16", "uint16", 65535), ("float64", "float32", 1),
    ("int16", "float32", 255),
])  # fmt: skip
def test_the_type_of_the_source_can_be_asked_for(source: str, dtype: str, high: float) -> None:
    pixels = render(row(0, 100, dtype=source), style={"dtype": "source", "min": 0, "max": 100})
    assert (pixels.dtype, pixels.max()) == (np.dtype(dtype), high)


@pytest.mark.parametrize("axis", range(4))
def test_an_axis_is_one_of_the_composed_bands(axis: int) -> None:
    whole = render(RGB, style={"bands": RED_AND_BLUE})
    part = render(RGB, style={"bands": RED_AND_BLUE, "axis": axis})
    assert np.array_equal(part[..., 0], whole[..., axis])


def test_frames_are_composed() -> None:
    frames = [row(value, value + 1) for value in (10, 20, 30, 40)]
    bands = [{"frame": 0, "palette": "#f00"}, {"framedelta": 1, "palette": "#0f0"},
             {"palette": "#00f"}]  # fmt: skip
    assert render(*frames, style={"bands": bands}, frame=2)[0].tolist() == [
        [10, 40, 30, 255], [11, 41, 31, 255],
    ]  # fmt: skip


def test_a_screen_is_given_8_bits() -> None:
    dark = row(0.001, 0.5, dtype="float32")
    style = {"palette": "#fff", "min": 0, "max": 255}
    assert render(dark, style=style, screen=True).tolist() == [[[0], [0]]]
    assert render(dark, style=style, screen=True).dtype == np.uint8


def test_a_screen_is_given_16_bits_on_request() -> None:
    assert render(GREY, style={"dtype": "uint16"}, screen=True).dtype == np.uint16
    assert render(GREY, style={"dtype": "float"}, screen=True)[0, 2] == 100


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16"])
def test_tables_hold_what_arithmetic_gives(dtype: str) -> None:
    limits = np.iinfo(dtype)
    pixels = np.linspace(limits.min, limits.max, 300).astype(dtype).reshape(10, 30, 1)
    style = {"palette": ["#f00", "#0f08", "#00f"], "min": limits.min // 2, "max": limits.max // 3,
             "clamp": False, "nodata": int(pixels[4, 4, 0])}  # fmt: skip
    assert np.allclose(
        render(pixels, style=style), render(pixels.astype(np.float64), style=style), atol=1e-3
    )
