"""Reducing while decoding: what JPEG tiles are shrunk to is what their pixels are shrunk to."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import tilesource
from tests.tilesource.images import plain, save, smooth
from tilesource import pixels as px
from tilesource import reading
from tilesource.formats.base import Reader
from tilesource.formats.tiff import TiffReader
from tilesource.formats.tiff_page import TiffPage
from tilesource.geometry import Box

Sample = Callable[[str], Path]


@pytest.fixture(scope="module", params=["rgb", "ycbcr-420", "grey"])
def reader(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Reader]:
    """A flat TIFF of JPEG tiles, of a size that no tile divides."""
    path = tmp_path_factory.mktemp("reduced") / "a.tif"
    if request.param == "ycbcr-420":
        options = {"tile": True, "compression": "jpeg", "Q": 80, "tile_width": 128}
        save(smooth(1001, 703), path, tile_height=128, **options)
    else:
        pixels = smooth(1001, 703)
        kind = "rgb" if request.param == "rgb" else "minisblack"
        plain(path, pixels if kind == "rgb" else pixels[..., 0], photometric=kind,
              compression="jpeg", tile=(128, 128))  # fmt: skip
    opened = TiffReader.open(path)
    yield opened
    opened.close()


BOXES = [
    Box(x=0, y=0, width=1001, height=703), Box(x=256, y=128, width=512, height=256),
    Box(x=8, y=16, width=200, height=104), Box(x=960, y=640, width=41, height=63),
]  # fmt: skip


@pytest.mark.parametrize("factor", [2, 4, 8])
@pytest.mark.parametrize("box", BOXES)
def test_a_reduced_box_is_nearly_the_mean_of_its_pixels(
    reader: Reader, box: Box, factor: int
) -> None:
    reduced = reader.read_reduced(0, 0, box, factor)
    expected = px.shrink(reader.read(0, 0, box.x, box.y, box.width, box.height), factor, factor)
    assert reduced is not None
    assert reduced.shape == expected.shape
    difference = np.abs(reduced.astype(int) - expected)
    assert difference.mean() < 1
    assert difference.max() <= 16


UNFIT = [(Box(x=1, y=0, width=64, height=64), 2), (Box(x=0, y=0, width=63, height=64), 2),
         (Box(x=4, y=0, width=64, height=64), 8)]  # fmt: skip


@pytest.mark.parametrize(("box", "factor"), UNFIT)
def test_a_box_that_blocks_do_not_fill_is_left_to_the_caller(
    reader: Reader, box: Box, factor: int
) -> None:
    assert reader.read_reduced(0, 0, box, factor) is None


@pytest.mark.parametrize("name", ["lossless-pyramid.tif", "strips.tif", "turned.tif", "rgb.png"])
def test_what_is_no_jpeg_is_left_to_the_caller(sample: Sample, name: str) -> None:
    with tilesource.open(sample(name)) as source:
        box = Box(x=0, y=0, width=128, height=128)
        assert source.reader.read_reduced(0, 0, box, 4) is None


REGIONS = [
    {"left": 0, "top": 0, "width": 1001, "height": 703}, {"left": 128, "top": 64, "width": 513},
    {"left": 13, "top": 7, "width": 800, "height": 600}, {"left": 8, "top": 8, "width": 401},
]  # fmt: skip


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("width", [17, 100, 250])
def test_a_region_is_the_same_whether_it_is_reduced_while_decoding_or_after(
    reader: Reader, region: dict[str, int], width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tilesource.open(reader.path) as source:
        wanted = {"region": region, "output": {"maxWidth": width}, "format": "numpy"}
        reduced = source.getRegion(**wanted)[0].astype(int)
        monkeypatch.setattr(TiffReader, "_read_reduced", lambda *_: None)
        expected = source.getRegion(**wanted)[0]
    assert reduced.shape == expected.shape
    assert np.abs(reduced - expected).mean() < 1


def test_a_missing_level_is_not_decoded_in_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = plain(tmp_path / "a.tif", smooth(1024, 1024), photometric="rgb", compression="jpeg",
                 tile=(256, 256))  # fmt: skip

    def refuse(*_: object) -> None:
        raise AssertionError("decoded in full")

    monkeypatch.setattr(TiffPage, "decode", refuse)
    with tilesource.open(path) as source:
        assert source.getThumbnail(width=128, format="numpy")[0].shape == (128, 128, 3)


SPANS = [(0, 100, 8), (8, 41, 8), (3, 200, 2), (5, 1, 4)]


@pytest.mark.parametrize(("start", "length", "step"), SPANS)
def test_cuts_leave_whole_steps_and_what_remains(start: int, length: int, step: int) -> None:
    cuts = reading._cuts(start, length, 64, step, 1000)
    assert [cuts[0][0], cuts[-1][1]] == [start, start + length]
    assert all(one[1] == other[0] for one, other in itertools.pairwise(cuts))
    assert all((right - left) % step == 0 for left, right in cuts[:-1])
