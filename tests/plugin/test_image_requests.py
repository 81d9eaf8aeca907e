"""What identifies an answer, in the cache and in a browser."""

import contextlib
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import tilesource
from girder_tiles import image_requests
from girder_tiles.errors import BadParameter
from girder_tiles.image_requests import (
    DeepZoomTileRequest,
    RegionRequest,
    ThumbnailRequest,
    TileRequest,
)
from tilesource.encoding import Encoding
from tilesource.options import Options
from tilesource.protocols.dzi import DeepZoom

TILE = TileRequest(x=1, y=2, z=3)
CUT = DeepZoom()


def test_equal_requests_have_one_key():
    assert TILE.digest("v") == TileRequest(z=3, y=2, x=1).digest("v")


@pytest.mark.parametrize(
    "other",
    [
        TileRequest(x=2, y=1, z=3),
        TileRequest(x=1, y=2, z=3, frame=1),
        TileRequest(x=1, y=2, z=3, options=Options(edge="crop")),
        TileRequest(x=1, y=2, z=3, options=Options(encoding=Encoding(quality=90))),
        ThumbnailRequest(width=1, height=2, encoding=Encoding(), max_pixels=3),
    ],
)
def test_other_requests_have_other_keys(other):
    assert other.digest("v") != TILE.digest("v")


def test_other_content_has_another_key():
    assert TILE.digest("v") != TILE.digest("w")


class ManyBands:
    """Stands in for a source whose tiles would fill the memory."""

    tileWidth = tileHeight = sizeX = sizeY = 256
    bandCount = 60_000
    reader = SimpleNamespace(info=SimpleNamespace(dtype=np.dtype(np.uint8)))


@pytest.mark.parametrize("request_", [TILE, DeepZoomTileRequest(level=8, column=0, row=0, cut=CUT)])
def test_a_tile_that_would_fill_the_memory_is_refused(request_):
    with pytest.raises(BadParameter, match="256 x 256"):
        request_.render(ManyBands())


@pytest.mark.parametrize("fill", [None, "#fff"])
def test_what_is_filled_up_counts_as_large_as_it_gets(monkeypatch, tmp_path, fill):
    Image.new("L", (4000, 10)).save(tmp_path / "strip.png")
    waited = []
    monkeypatch.setattr(
        image_requests, "turn", lambda *size: waited.append(size) or contextlib.nullcontext()
    )
    size = {"width": 3000, "height": 2000}
    output = {"maxWidth": 3000, "maxHeight": 2000}
    with tilesource.open(tmp_path / "strip.png") as source:
        ThumbnailRequest(**size, encoding=Encoding(), fill=fill).render(source)
        RegionRequest(region={}, output=output, scale={}, encoding=Encoding(), fill=fill).render(
            source
        )
    assert waited == [(3000, 2000 if fill else 7)] * 2
