"""Regions, windows and tiles against the same done naively with the whole image."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import tilesource
from tests.tilesource.images import noise, save, smooth
from tilesource import FileTileSource, reading
from tilesource import pixels as px
from tilesource.geometry import Box

WIDTH, HEIGHT = 403, 298
PICTURE = smooth(WIDTH, HEIGHT)


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FileTileSource]:
    """One level, in tiles."""
    path = tmp_path_factory.mktemp("grid") / "flat.tif"
    tifffile.imwrite(path, PICTURE, tile=(64, 64), photometric="rgb", resolution=(40000, 40000),
                     resolutionunit="CENTIMETER")  # fmt: skip
    with tilesource.open(path) as source:
        yield source


@pytest.fixture(scope="module")
def pyramid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FileTileSource]:
    """Three levels, whose sizes are cut to whole pixels."""
    path = tmp_path_factory.mktemp("grid") / "pyramid.tif"
    save(PICTURE, path, tile=True, pyramid=True, tile_width=128, tile_height=128)
    with tilesource.open(path) as source:
        yield source


def naive(region: Box, width: int, height: int) -> np.ndarray:
    """Return a region of the picture, Lanczos-resampled with what lies around it."""
    edges = (region.x, region.y, region.x + region.width, region.y + region.height)
    kernel = Image.Resampling.BICUBIC if width > region.width else Image.Resampling.LANCZOS
    return np.asarray(Image.fromarray(PICTURE).resize((width, height), kernel, edges))


def mean_difference(one: np.ndarray, other: np.ndarray) -> float:
    assert one.shape == other.shape
    return float(np.abs(one.astype(float) - other.astype(float)).mean())


def step_across(pixels: np.ndarray) -> float:
    """Return by how much pixels differ from their neighbours, 0 if they have none."""
    return mean_difference(pixels[:, 1:], pixels[:, :-1]) if pixels.shape[1] > 1 else 0.0


regions = st.builds(
    lambda x, y, w, h: Box(x=x, y=y, width=min(w, WIDTH - x), height=min(h, HEIGHT - y)),
    st.integers(0, WIDTH - 40), st.integers(0, HEIGHT - 40), st.integers(30, WIDTH),
    st.integers(30, HEIGHT),
)  # fmt: skip
quick = settings(max_examples=60, deadline=None,
                 suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip


@quick
@given(region=regions, share=st.floats(0.05, 2))
def test_a_region_is_that_of_the_whole_resampled(
    flat: FileTileSource, region: Box, share: float
) -> None:
    width, height = max(1, int(region.width * share)), max(1, int(region.height * share))
    found = flat.read_box(region, width, height)
    expected = naive(region, width, height)
    # At a power of two, the pixels are means, as those of a pyramid are, and at the edge of the
    # image the last one may be made of fewer: half a pixel beside the truth, but never a whole one.
    # One pixel that is made of hundreds differs more than many do on average.
    allowed = 3 + 6 / (width * height) + step_across(expected) / 2
    assert mean_difference(found, expected) < allowed


@quick
@given(region=regions, share=st.floats(0.3, 2), data=st.data())
def test_a_window_is_that_part_of_the_region(
    pyramid: FileTileSource, region: Box, share: float, data: st.DataObject
) -> None:
    width, height = max(2, int(region.width * share)), max(2, int(region.height * share))
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    window = Box(
        x=x, y=y, width=data.draw(st.integers(1, width - x)),
        height=data.draw(st.integers(1, height - y)),
    )  # fmt: skip
    whole = reading.read_region(pyramid.reader, 0, region, width, height)
    part = reading.read_region(pyramid.reader, 0, region, width, height, window)
    expected = whole[y : y + window.height, x : x + window.width].astype(int)
    assert np.abs(part - expected).max() <= 2


@quick
@given(cut=st.integers(40, WIDTH - 40), share=st.sampled_from((0.3, 0.4, 0.7, 1.5)))
def test_regions_side_by_side_fit(flat: FileTileSource, cut: int, share: float) -> None:
    cut = cut // 20 * 20  # where a pixel of the result ends
    sides = [Box(x=0, y=0, width=cut, height=100), Box(x=cut, y=0, width=400 - cut, height=100)]
    parts = [flat.read_box(side, round(side.width * share), round(100 * share)) for side in sides]
    whole = flat.read_box(Box(x=0, y=0, width=400, height=100), round(400 * share),
                          round(100 * share))  # fmt: skip
    assert np.abs(np.hstack(parts) - whole.astype(int)).max() <= 1


@pytest.mark.parametrize("left", range(4))
def test_a_halved_region_starts_where_it_was_asked_for(flat: FileTileSource, left: int) -> None:
    region = {"left": left, "top": 3, "width": 101, "height": 60}
    found, _ = flat.getRegion(region=region, scale={"mm_x": 0.0005}, format="numpy")
    blocks = PICTURE[3:63, left : left + 100].reshape(30, 2, 50, 2, 3)
    assert found.shape == (30, 50, 3)
    assert np.abs(found - blocks.mean((1, 3))).max() <= 0.5


@pytest.mark.parametrize(("left", "width"), [(176, 3), (165, 2), (401, 2), (0, 1), (50, 90)])
@pytest.mark.parametrize(("top", "height"), [(199, 90), (0, 88), (296, 2)])
def test_a_region_at_a_level_is_its_tiles(
    pyramid: FileTileSource, left: int, width: int, top: int, height: int
) -> None:
    region = {"left": left, "top": top, "width": width, "height": height}
    quarter = {"region": region, "output": {"maxWidth": max(1, width // 4)}, "format": "numpy"}
    found, _ = pyramid.getRegion(**quarter)
    tiles = list(pyramid.tileIterator(**quarter))
    assert np.array_equal(np.concatenate([tile["tile"] for tile in tiles]), found)


@pytest.mark.parametrize("z", range(3))
def test_the_tiles_of_a_level_are_the_level(pyramid: FileTileSource, z: int) -> None:
    step = 2 ** (2 - z)
    whole = Box(x=0, y=0, width=WIDTH // step * step, height=HEIGHT // step * step)
    level = pyramid.read_box(whole, WIDTH // step, HEIGHT // step)
    out = np.zeros((HEIGHT // step + 128, WIDTH // step + 128, 3), np.uint8)
    columns, rows = -(-WIDTH // (128 * step)), -(-HEIGHT // (128 * step))
    for y in range(rows):
        for x in range(columns):
            tile = pyramid.getTile(x, y, z, numpyAllowed="always")
            out[y * 128 : y * 128 + 128, x * 128 : x * 128 + 128] = tile
    assert np.array_equal(out[: level.shape[0], : level.shape[1]], level)
    assert not out[level.shape[0] :].any()


def test_nearest_mixes_no_values(tmp_path: Path) -> None:
    labels = np.where(noise(200, 150, 1) > 128, 250, 3).astype(np.uint8)
    tifffile.imwrite(tmp_path / "labels.tif", labels[..., 0], tile=(64, 64))
    with tilesource.open(tmp_path / "labels.tif") as source:
        for width in (31, 50, 100, 130, 300):
            options = {"output": {"maxWidth": width}, "resample": Image.Resampling.NEAREST}
            pixels, _ = source.getRegion(format="numpy", **options)
            assert set(np.unique(pixels)) == {3, 250}


@pytest.mark.parametrize("dtype", ["uint16", "int16", "uint32", "float32", "float64", "int8"])
def test_other_types_keep_their_values(tmp_path: Path, dtype: str) -> None:
    pixels = (smooth(200, 150, 1)[..., 0].astype(float) - 90).clip(0, 120).astype(dtype)
    tifffile.imwrite(tmp_path / "type.tif", pixels, tile=(64, 64))
    with tilesource.open(tmp_path / "type.tif") as source:
        found, _ = source.getRegion(format="numpy", output={"maxWidth": 150})
    expected = np.asarray(Image.fromarray(pixels.astype("f4")).resize((150, 112), 1))
    assert (found.dtype, found.shape) == (np.dtype(dtype), (112, 150, 1))
    # 112 of 112.5 rows are shown.
    assert np.abs(found[:100, :, 0] - expected[:100].astype(float)).mean() < 1


@pytest.mark.parametrize("kernel", list(Image.Resampling), ids=lambda kernel: kernel.name)
def test_strips_are_those_of_the_whole(
    monkeypatch: pytest.MonkeyPatch, kernel: Image.Resampling
) -> None:
    pixels = np.random.default_rng(13).random((1500, 20, 1), np.float32)
    part = px.Part(left=0.51, top=10.27, right=19.03, bottom=1490.61)
    in_strips = px.resize_part(pixels, part, 15, 700, kernel)
    monkeypatch.setattr(px, "_STRIP", 10_000)
    at_once = px.resize_part(pixels, part, 15, 700, kernel)
    # Rounding makes 2e-5 at most, a kernel that is cut off 1e-4.
    assert np.abs(in_strips - at_once).max() < 4e-5
