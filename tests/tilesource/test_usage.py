"""Every example of the documented usage page, on a generated image of the stated size or shape.

The page's image is 58368 x 12288 pixels at 40x.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

import tilesource
from tests.tilesource.images import aperio, noise, smooth
from tilesource import FileTileSource
from tilesource.tiledict import LazyTileDict

WIDTH, HEIGHT = 58368, 12288


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An image as large as the page's; of its finer levels hardly a tile is stored."""
    path = tmp_path_factory.mktemp("usage") / "sample.tiff"
    with tifffile.TiffWriter(path, bigtiff=True) as tiff:
        for power in range(9):
            width, height = WIDTH >> power, HEIGHT >> power
            tiff.write(
                tiles_of(width, height, first_only=power < 4), shape=(height, width, 3),
                dtype=np.uint8, tile=(256, 256), photometric="rgb", compression="deflate",
                subfiletype=int(power > 0), resolution=(40000, 40000),
                resolutionunit="CENTIMETER", metadata=None,
            )  # fmt: skip
    return path


def tiles_of(width: int, height: int, first_only: bool) -> Iterator[np.ndarray | None]:
    """Yield one picture for each tile, or for the first of them and None for the others."""
    count = -(-width // 256) * -(-height // 256)
    for number in range(count):
        yield None if first_only and number else smooth(256, 256)


@pytest.fixture
def source(sample: Path) -> Iterator[FileTileSource]:
    with tilesource.open(sample) as opened:
        yield opened


REGION = {"left": 1000, "top": 500, "right": 11000, "bottom": 1500}


def test_metadata(source: FileTileSource) -> None:
    expected = {
        "levels": 9, "sizeX": WIDTH, "sizeY": HEIGHT, "tileWidth": 256, "tileHeight": 256,
        "magnification": 40.0, "mm_x": 0.00025, "mm_y": 0.00025,
    }  # fmt: skip
    assert {key: source.getMetadata()[key] for key in expected} == pytest.approx(expected)


def test_a_region_as_png(source: FileTileSource) -> None:
    image, mime_type = source.getRegion(region=REGION, output={"maxWidth": 1000}, encoding="PNG")
    assert (isinstance(image, bytes), mime_type) == (True, "image/png")
    assert Image.open(io.BytesIO(image)).size == (1000, 100)


def test_a_region_as_numpy_and_in_millimetres(source: FileTileSource) -> None:
    form = tilesource.constants.TILE_FORMAT_NUMPY
    nparray, _ = source.getRegion(region=REGION, output={"maxWidth": 1000}, format=form)
    assert nparray.shape == (100, 1000, 3)
    same, _ = source.getRegion(
        region={"left": 0.25, "top": 0.125, "right": 2.75, "bottom": 0.375, "units": "mm"},
        scale={"mm_x": 0.0025}, format=form,
    )  # fmt: skip
    assert np.array_equal(nparray, same)


def test_tiles(source: FileTileSource) -> None:
    tile0 = source.getTile(0, 0, 0)
    tile002 = source.getTile(0, 0, 2)
    sizes = [Image.open(io.BytesIO(tile)).size for tile in (tile0, tile002)]
    assert sizes == [(256, 256), (256, 256)]


def test_tiles_in_another_encoding(sample: Path) -> None:
    with tilesource.open(sample, encoding="PNG") as source:
        assert Image.open(io.BytesIO(source.getTile(0, 0, 0))).format == "PNG"


def test_iterating_in_tiles(source: FileTileSource) -> None:
    plan = {"tile_size": {"width": 512, "height": 512}}
    printed = [shown(tile) for tile in picked(source, plan)]
    assert printed == [
        (0, 0, (512, 512, 3)), (512, 0, (512, 512, 3)), (1024, 0, (512, 512, 3)),
        (56832, 11776, (512, 512, 3)), (57344, 11776, (512, 512, 3)),
        (57856, 11776, (512, 512, 3)),
    ]  # fmt: skip


def test_iterating_with_overlap(source: FileTileSource) -> None:
    plan = {
        "tile_size": {"width": 2048, "height": 2048},
        "tile_overlap": {"x": 128, "y": 128, "edges": False},
    }
    printed = [shown(tile) for tile in picked(source, plan)]
    assert printed == [
        (0, 0, (2048, 2048, 3)), (1920, 0, (2048, 2048, 3)), (3840, 0, (2048, 2048, 3)),
        (53760, 11520, (768, 2048, 3)), (55680, 11520, (768, 2048, 3)),
        (57600, 11520, (768, 768, 3)),
    ]  # fmt: skip


def picked(source: FileTileSource, plan: dict[str, object]) -> list[LazyTileDict]:
    """Return the first and the last three tiles; only the tiles that are looked at are read."""
    form = tilesource.constants.TILE_FORMAT_NUMPY
    tiles = list(source.tileIterator(format=form, **plan))
    return tiles[:3] + tiles[-3:]


def shown(tile: LazyTileDict) -> tuple[int, int, tuple[int, ...]]:
    return tile["x"], tile["y"], tile["tile"].shape


def test_thumbnails(source: FileTileSource) -> None:
    image, mime_type = source.getThumbnail()
    assert (Image.open(io.BytesIO(image)).size, mime_type) == ((256, 53), "image/jpeg")
    image, mime_type = source.getThumbnail(width=640, height=480, encoding="PNG")
    assert (Image.open(io.BytesIO(image)).size, mime_type) == ((640, 134), "image/png")


def test_associated_images(tmp_path: Path) -> None:
    with tilesource.open(aperio(tmp_path / "sample.svs")) as source:
        assert {"label", "macro"} <= set(source.getAssociatedImagesList())
        image, mime_type = source.getAssociatedImage("macro")
        assert (image[:2], mime_type) == (b"\xff\xd8", "image/jpeg")
        image, mime_type = source.getAssociatedImage("macro", encoding="PNG")
        assert (image[:4], mime_type) == (b"\x89PNG", "image/png")
        form = tilesource.constants.TILE_FORMAT_NUMPY
        assert source.getAssociatedImage("macro", format=form)[0].shape == (40, 90, 3)


def test_frames(tmp_path: Path) -> None:
    path, planes = tmp_path / "sample.ome.tiff", noise(300, 200, 3, "uint16").transpose(2, 0, 1)
    facts = {"axes": "CYX", "PhysicalSizeX": 1.23, "PhysicalSizeY": 1.23}
    tifffile.imwrite(path, planes, metadata=facts, photometric="minisblack", tile=(128, 128))
    with tilesource.open(path) as source:
        metadata = source.getMetadata()
        nparray, _ = source.getRegion(frame=1, format=tilesource.constants.TILE_FORMAT_NUMPY)
    assert metadata["magnification"] == pytest.approx(8.130081300813009)
    assert (metadata["IndexRange"], metadata["IndexStride"]) == ({"IndexC": 3}, {"IndexC": 1})
    keys = ("Frame", "Index", "IndexC")
    found = [tuple(frame[key] for key in keys) for frame in metadata["frames"]]
    assert found == [(0, 0, 0), (1, 0, 1), (2, 0, 2)]
    assert np.array_equal(nparray[..., 0], planes[1])


def test_a_style_of_the_full_range(tmp_path: Path) -> None:
    path = tmp_path / "dark.tiff"
    tifffile.imwrite(path, smooth(300, 200) // 4 + 20, photometric="rgb", tile=(64, 64))
    with tilesource.open(path, style={"min": "min", "max": "max"}) as source:
        pixels, _ = source.getRegion(format="numpy")
    assert (pixels[..., 0].min(), pixels[..., 0].max()) == (0, 255)


def test_a_style_of_frames_in_false_colours(tmp_path: Path) -> None:
    path, planes = tmp_path / "sample.ome.tiff", noise(100, 80, 5, "uint16").transpose(2, 0, 1)
    tifffile.imwrite(path, planes, metadata={"axes": "CYX"}, photometric="minisblack")
    colours = {0: "#f00", 3: "#0f0", 4: "#00f"}
    bands = [
        {"frame": frame, "min": "min", "max": "max", "palette": colour}
        for frame, colour in colours.items()
    ]
    with tilesource.open(path, style={"bands": bands}) as source:
        pixels, _ = source.getRegion(format="numpy")
    red = np.interp(planes[0], (planes[0].min(), planes[0].max()), (0, 255))
    assert np.abs(pixels[..., 0] - red).max() <= 1
