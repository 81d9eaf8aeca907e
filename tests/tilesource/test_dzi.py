"""Deep Zoom: what a viewer puts together is the image."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import tilesource
from tilesource import FileTileSource
from tilesource.encoding import Encoding
from tilesource.errors import InvalidRequest, TileOutside
from tilesource.protocols.dzi import DeepZoom, dzi_descriptor, dzi_tile, stored_dzi_tile, top_level

PNG = Encoding(name="PNG")


def decoded(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


def test_the_descriptor_tells_the_size(source: FileTileSource) -> None:
    root = ElementTree.fromstring(dzi_descriptor(source, DeepZoom(tile_size=254, overlap=1)))
    assert (root.get("TileSize"), root.get("Overlap"), root.get("Format")) == ("254", "1", "jpg")
    size = root[0].attrib
    assert (int(size["Width"]), int(size["Height"])) == (source.sizeX, source.sizeY)


def test_the_top_level_is_the_image(sample: Callable[[str], Path]) -> None:
    cut = DeepZoom(tile_size=100, overlap=3, encoding=PNG)
    with tilesource.open(sample("rgb.png")) as source:
        whole = source.getRegion(format="numpy")[0]
        for row in range(3):
            for column in range(5):
                tile = decoded(dzi_tile(source, 9, column, row, cut).data)
                left, top = max(column * 100 - 3, 0), max(row * 100 - 3, 0)
                expected = whole[top : row * 100 + 103, left : column * 100 + 103]
                assert np.array_equal(tile, expected)


def test_every_level_has_the_size_that_viewers_compute(source: FileTileSource) -> None:
    cut = DeepZoom(tile_size=4096, encoding=PNG)
    for level in range(top_level(source) + 1):
        step = 2 ** (top_level(source) - level)
        height, width = decoded(dzi_tile(source, level, 0, 0, cut).data).shape[:2]
        size = math.ceil(source.sizeX / step), math.ceil(source.sizeY / step)
        assert (width, height) == size


def test_stored_tiles_are_sent_where_they_fit(sample: Callable[[str], Path]) -> None:
    with tilesource.open(sample("jpeg-pyramid.tif")) as source:
        fitting, top = DeepZoom(tile_size=128), top_level(source)
        assert stored_dzi_tile(source, top, 1, 1, fitting) == source.raw_tile(1, 1, 3)
        assert stored_dzi_tile(source, top - 1, 1, 1, fitting) == source.raw_tile(1, 1, 2)
        assert stored_dzi_tile(source, top, 7, 0, fitting) is None  # the edge has to be cut
        assert stored_dzi_tile(source, top, 1, 1, DeepZoom(tile_size=128, overlap=1)) is None
        assert dzi_tile(source, top, 1, 1, DeepZoom(tile_size=128, encoding=PNG)).mime == PNG.mime


@pytest.mark.parametrize("place", [(10, 0, 0), (-1, 0, 0), (9, 5, 0), (9, 0, -1), (0, 1, 0)])
def test_tiles_outside_are_refused(
    sample: Callable[[str], Path], place: tuple[int, int, int]
) -> None:
    with tilesource.open(sample("rgb.png")) as source, pytest.raises(TileOutside):
        dzi_tile(source, *place, DeepZoom(tile_size=100))


WRONG = [
    {"tile_size": 0}, {"tile_size": 5000}, {"overlap": -1}, {"encoding": Encoding(name="TIFF")},
]  # fmt: skip


@pytest.mark.parametrize("cut", WRONG)
def test_a_cut_that_makes_no_sense_is_refused(cut: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest):
        DeepZoom(**cut)
