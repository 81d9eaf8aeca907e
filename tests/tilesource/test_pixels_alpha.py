"""Resampling of pixels with straight alpha: what is transparent lends its colour to nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tilesource import pixels as px

Resample = Callable[[np.ndarray], np.ndarray]

WAYS: dict[str, Resample] = {
    "shrink": lambda pixels: px.shrink(pixels, 2, 2),
    "smaller": lambda pixels: px.resize(pixels, 10, 10),
    "larger": lambda pixels: px.resize(pixels, 33, 29),
    "part": lambda pixels: px.resize_part(
        pixels, px.Part(left=1.5, top=2, right=15, bottom=13), 9, 9
    ),
}


@pytest.fixture(params=WAYS)
def resample(request: pytest.FixtureRequest) -> Resample:
    return WAYS[request.param]


def half_transparent(dtype: str, bands: int) -> np.ndarray:
    """Return a square of 16 pixels, light where it is opaque, dark where it is transparent."""
    full = 1.0 if dtype[0] == "f" else np.iinfo(dtype).max
    pixels = np.full((16, 16, bands), full * 0.8)
    pixels[..., -1] = full
    pixels[:, 7:] = 0
    pixels[:, 7:, :-1] = full * 0.1
    return pixels.astype(dtype)


@pytest.mark.parametrize("bands", [2, 4])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64"])
def test_colours_do_not_bleed(resample: Resample, dtype: str, bands: int) -> None:
    pixels = half_transparent(dtype, bands)
    light = float(pixels[0, 0, 0])
    result = resample(pixels)
    assert result.dtype == pixels.dtype
    colours = result[..., :-1][result[..., -1] > 0.02 * float(pixels[..., -1].max())]
    assert np.allclose(colours, light, atol=2.1 * light / 200)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "int16"])
def test_with_one_opacity_throughout_nothing_is_different(resample: Resample, dtype: str) -> None:
    colours = np.random.default_rng(7).integers(0, 255, (16, 16, 3)).astype(dtype)
    alpha = np.full((16, 16, 1), 200, dtype)
    result = resample(np.concatenate([colours, alpha], axis=2))
    assert np.allclose(result[..., :3], resample(colours), atol=1)
    assert (result[..., 3] == 200).all()


def test_the_mean_of_a_block_is_weighted() -> None:
    block = np.array([[[200, 255], [100, 51]], [[0, 0], [90, 0]]], np.uint8)
    # (200 * 255 + 100 * 51) / (255 + 51) = 183.3, and the opacity is the plain mean of 76.5
    assert px.shrink(block, 2, 2).tolist() in ([[[183, 76]]], [[[183, 77]]])


def test_signed_numbers_and_five_bands_have_no_alpha() -> None:
    for dtype, bands in (("int16", 4), ("uint8", 5), ("uint8", 3)):
        block = np.arange(4 * bands).reshape(2, 2, bands).astype(dtype)
        mean = block.reshape(4, bands).mean(axis=0)
        assert np.abs(px.shrink(block, 2, 2)[0, 0] - mean).max() <= 0.5


def test_the_nearest_pixel_is_taken_as_it_is() -> None:
    pixels = np.random.default_rng(8).integers(0, 255, (8, 8, 4)).astype(np.float32)
    whole = px.Part(left=0, top=0, right=8, bottom=8)
    assert np.array_equal(
        px.resize_part(pixels, whole, 4, 4, Image.Resampling.NEAREST), pixels[1::2, 1::2]
    )


@pytest.mark.parametrize("step", [2, 16, 512, 2048])
@pytest.mark.parametrize("dtype", ["u1", "u2", "i4", "f4", "f8", "?"])
def test_what_is_of_one_colour_stays_so_however_far_it_is_reduced(step: int, dtype: str) -> None:
    white = np.full((301, 1203, 3), 100).astype(dtype)
    shrunk = px.shrink(white, step, step)
    assert shrunk.shape == (-(-301 // step), -(-1203 // step), 3)
    assert (shrunk == white[0, 0]).all()


@pytest.mark.parametrize("bands", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("dtype", ["u1", ">u2", "i2", "u4", "i8", "f2", "f4", "f8"])
def test_blocks_that_are_cut_short_are_means_too(dtype: str, bands: int) -> None:
    pixels = np.random.default_rng(3).integers(0, 120, (23, 38, bands)).astype(dtype)
    if bands in (2, 4):
        pixels[..., -1] = 100  # alpha that is the same throughout
    shrunk = px.shrink(pixels, 8, 4).astype(float)
    for row in range(6):
        for column in range(5):
            block = pixels[row * 4 : row * 4 + 4, column * 8 : column * 8 + 8].astype(float)
            assert np.abs(shrunk[row, column] - block.mean((0, 1))).max() <= 0.501


@pytest.mark.parametrize("shape", [(350, 350), (350, 16), (12, 350)])
def test_parts_of_what_is_resampled_fit_together(shape: tuple[int, int]) -> None:
    steep = (np.random.default_rng(5).random((500, 500, 3)) > 0.5).astype(np.uint8) * 255
    whole = px.Part(left=0, top=0, right=500, bottom=500)
    all_of_it = px.resize_part(steep, whole, 350, 350).astype(int)
    height, width = shape
    part = px.Part(left=0, top=0, right=width / 0.7, bottom=height / 0.7)
    found = px.resize_part(steep, part, width, height)
    assert np.abs(found - all_of_it[:height, :width]).max() <= 1
