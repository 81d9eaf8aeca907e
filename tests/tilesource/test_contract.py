"""What every format promises, checked on every sample."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from PIL import Image

from tilesource import FileTileSource
from tilesource.errors import InvalidRequest, TileOutside


def whole(source: FileTileSource) -> np.ndarray:
    return source.getRegion(format="numpy")[0]


def test_metadata_tells_the_size_of_the_pixels(source: FileTileSource) -> None:
    facts = source.getMetadata()
    pixels = whole(source)
    assert pixels.shape == (facts["sizeY"], facts["sizeX"], facts["bandCount"])
    assert str(pixels.dtype) == facts["dtype"]


def test_levels_are_as_documented(source: FileTileSource) -> None:
    facts = source.getMetadata()
    tiles = max(facts["sizeX"] / facts["tileWidth"], facts["sizeY"] / facts["tileHeight"])
    assert facts["levels"] == max(0, math.ceil(math.log2(tiles))) + 1


def test_the_tiles_of_the_top_level_are_the_image(source: FileTileSource) -> None:
    z, out = source.levels - 1, np.zeros_like(whole(source))
    for y in range(-(-source.sizeY // source.tileHeight)):
        for x in range(-(-source.sizeX // source.tileWidth)):
            tile = source.getTile(x, y, z, numpyAllowed="always", sparseFallback=True)
            assert tile.shape[:2] == (source.tileHeight, source.tileWidth)
            part = out[y * source.tileHeight :, x * source.tileWidth :][
                : source.tileHeight, : source.tileWidth
            ]
            part[:] = tile[: part.shape[0], : part.shape[1]]
    assert np.array_equal(out, whole(source))


@pytest.mark.parametrize("z", range(3))
def test_a_lower_level_looks_like_the_mean_of_the_image(source: FileTileSource, z: int) -> None:
    if z >= source.levels:
        z = source.levels - 1
    step = 2 ** (source.levels - 1 - z)
    tile = source.getTile(0, 0, z, numpyAllowed="always").astype(float)
    image = whole(source).astype(float)
    across = max(1, min(source.tileWidth, source.sizeX // step))
    down = max(1, min(source.tileHeight, source.sizeY // step))
    blocks = image[: down * step, : across * step].reshape(
        down, min(step, image.shape[0]), across, min(step, image.shape[1]), -1
    )
    difference = np.abs(tile[:down, :across] - blocks.mean(axis=(1, 3))).mean()
    kind = whole(source).dtype
    assert difference < 0.02 * (1 if kind.kind == "f" else float(np.iinfo(kind).max))


def test_tiles_are_images_of_the_tile_size(source: FileTileSource) -> None:
    for z in range(source.levels):
        with Image.open(io.BytesIO(source.getTile(0, 0, z, sparseFallback=True))) as image:
            assert (image.format, *image.size) == ("JPEG", source.tileWidth, source.tileHeight)


def test_a_stored_tile_decodes_to_the_pixels_of_the_tile(source: FileTileSource) -> None:
    raw = source.raw_tile(0, 0, source.levels - 1)
    if raw is None:
        tile = source.getTile(0, 0, source.levels - 1, sparseFallback=True)
        assert tile[:2] == b"\xff\xd8"
        return
    with Image.open(io.BytesIO(raw.data)) as image:
        shown = np.asarray(image).reshape(source.tileHeight, source.tileWidth, -1)
    tile = source.getTile(0, 0, source.levels - 1, numpyAllowed="always")
    across, down = min(source.sizeX, source.tileWidth), min(source.sizeY, source.tileHeight)
    difference = np.abs(shown[:down, :across].astype(int) - tile[:down, :across])
    assert difference.max() <= 3


OUTSIDE = [(0, 0, -1), (0, 0, 99), (-1, 0, 0), (0, 1, 0), (9999, 0, 1)]


@pytest.mark.parametrize(("x", "y", "z"), OUTSIDE)
def test_a_tile_outside_is_refused(source: FileTileSource, x: int, y: int, z: int) -> None:
    with pytest.raises(TileOutside, match="level"):
        source.getTile(x, y, z)


def test_a_frame_that_is_not_there_is_refused(source: FileTileSource) -> None:
    with pytest.raises(InvalidRequest, match="frame 99"):
        source.getRegion(frame=99)


def test_a_region_is_that_part_of_the_image(source: FileTileSource) -> None:
    left, top = source.sizeX // 3, source.sizeY // 4
    region = {"left": left, "top": top, "width": 40, "height": 30}
    part, form = source.getRegion(region=region, format="numpy")
    assert form == "numpy"
    assert np.array_equal(part, whole(source)[top : top + 30, left : left + 40])


def test_a_thumbnail_keeps_the_shape(source: FileTileSource) -> None:
    data, mime = source.getThumbnail(width=64, height=64, encoding="PNG")
    assert mime == "image/png"
    with Image.open(io.BytesIO(data)) as image:
        assert max(image.size) == 64
        ratio = source.sizeX / source.sizeY
        assert abs(image.size[0] - image.size[1] * ratio) <= max(ratio, 1)
