"""The methods of a source that are not of tiles: pictures, pixels, frames."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

import tilesource
from tests.tilesource.images import jpeg_pyramid, noise, ome, save, smooth
from tilesource import FileTileSource
from tilesource.errors import InvalidRequest, TileOutside, TileSourceError


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FileTileSource]:
    path = tmp_path_factory.mktemp("source") / "pyramid.tif"
    save(smooth(1000, 700), path, tile=True, pyramid=True, tile_width=128, tile_height=128,
         xres=4000, yres=4000, resunit="cm")  # fmt: skip
    with tilesource.open(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FileTileSource]:
    """Two channels of three focal planes."""
    with tilesource.open(ome(tmp_path_factory.mktemp("source") / "planes.ome.tif")) as opened:
        yield opened


def test_attributes(source: FileTileSource, frames: FileTileSource) -> None:
    assert (source.sizeX, source.sizeY, source.levels) == (1000, 700, 4)
    assert (source.tileWidth, source.tileHeight, source.frames) == (128, 128, 1)
    assert (source.dtype, source.bandCount, source.geospatial) == (np.uint8, 3, False)
    assert (source.channelNames, frames.channelNames) == (None, ["DAPI", "CY5"])
    assert source.metadata == source.getMetadata()
    assert source.getBounds() == {"sizeX": 1000, "sizeY": 700}
    assert source.getCenter() == (350, 500)


def test_what_it_was_opened_with(tmp_path: Path) -> None:
    path = save(noise(10, 10), tmp_path / "a.png")
    how = {"jpegQuality": 80, "jpegSubsampling": 2, "tiffCompression": "lzw", "edge": "crop"}
    with tilesource.open(path, **how) as opened:
        assert {name: getattr(opened, name) for name in how} == how


@pytest.mark.parametrize(("formats", "expected"), [
    (("PIL", "numpy"), "numpy"), (("image", "numpy"), "numpy"), (("image", "PIL"), "PIL"),
    (["PIL"], "PIL"), ("image", "image/jpeg"),
])  # fmt: skip
def test_the_best_of_several_formats(source: FileTileSource, formats: Any, expected: str) -> None:
    assert source.getRegion(format=formats, output={"maxWidth": 50})[1] == expected


def test_an_empty_region_is_an_empty_array_and_no_image(source: FileTileSource) -> None:
    empty = {"left": 500, "width": 0}
    pixels, _ = source.getRegion(region=empty, format="numpy")
    assert (pixels.shape, pixels.dtype) == ((0, 0, 3), np.uint8)
    for encoding in ("JPEG", "PNG", "TILED"):
        with pytest.raises(InvalidRequest, match="empty"):
            source.getRegion(region=empty, encoding=encoding)


def test_an_exact_scale_that_no_level_has_is_empty(source: FileTileSource) -> None:
    pixels, _ = source.getRegion(scale={"magnification": 7, "exact": True}, format="numpy")
    assert pixels.size == 0


def test_the_same_region_in_any_unit(source: FileTileSource) -> None:
    regions = [
        {"left": 100, "top": 70, "width": 300, "height": 210},
        {"left": 0.1, "top": 0.1, "right": 0.4, "bottom": 0.4, "units": "fraction"},
        {"left": 0.025, "top": 0.0175, "width": 0.075, "height": 0.0525, "units": "mm"},
        {"left": -900, "top": -630, "right": -600, "bottom": -420},
    ]
    for wanted in ({}, {"output": {"maxWidth": 77}}, {"scale": {"mm_x": 0.0005}}):
        found = [source.getRegion(region=region, format="numpy", **wanted)[0] for region in regions]
        assert all(np.array_equal(found[0], pixels) for pixels in found[1:])


@pytest.mark.parametrize(("dtype", "white"), [
    ("int8", 127), ("int16", 255), ("uint16", 65535), ("float32", 255),
])  # fmt: skip
def test_fill_is_a_value_of_the_images_type(tmp_path: Path, dtype: str, white: int) -> None:
    path = tmp_path / "image.tif"
    tifffile.imwrite(path, np.zeros((20, 40), dtype))
    with tilesource.open(path) as opened:
        size = {"maxWidth": 40, "maxHeight": 40}
        pixels, _ = opened.getRegion(output=size, fill="#fff", format="numpy")
    assert (pixels.dtype, pixels[0, 0, 0], pixels[20, 20, 0]) == (dtype, white, 0)


def test_a_mask_is_shrunk_without_making_new_values(tmp_path: Path) -> None:
    path = save(noise(200, 100, 1) // 128 * 100, tmp_path / "mask.png")
    with tilesource.open(path) as opened:
        wanted = {"output": {"maxWidth": 77}, "format": "numpy"}
        assert set(np.unique(opened.getRegion(**wanted, resample=None)[0])) == {0, 100}
        assert len(np.unique(opened.getRegion(**wanted)[0])) > 2


def test_fill_surrounds_or_follows_the_picture(source: FileTileSource) -> None:
    size = {"maxWidth": 100, "maxHeight": 100}
    around, _ = source.getRegion(output=size, fill="red", format="numpy")
    assert (around.shape, around[0, 0].tolist()) == ((100, 100, 3), [255, 0, 0])
    below, _ = source.getRegion(output=size, fill="corner:#00f", format="numpy")
    assert below[-1, 0].tolist() == [0, 0, 255]
    plain, _ = source.getRegion(output=size, fill="none", format="numpy")
    assert np.array_equal(below[:70], plain)
    assert np.array_equal(around[15:85], plain)
    with pytest.raises(InvalidRequest, match="plaid"):
        source.getRegion(output=size, fill="plaid")


def test_a_region_at_another_scale(source: FileTileSource) -> None:
    region = {"left": 100, "top": 50, "width": 300, "height": 200}
    sizes = [
        source.getRegionAtAnotherScale(region, format="numpy", **scales)[0].shape[:2]
        for scales in (
            {"targetScale": {"mm_x": 0.0005}}, {"targetScale": {"mm_x": 0.0007}},
            {"targetScale": {"mm_x": 0.0005}, "targetUnits": "mm"}, {},
        )
    ]  # fmt: skip
    assert sizes == [(100, 150), (71, 107), (100, 150), (200, 300)]


def test_pixels(source: FileTileSource) -> None:
    whole, _ = source.getRegion(format="numpy")
    found = source.getPixel(region={"left": 10, "top": 20})
    red, green, blue = whole[20, 10].tolist()
    assert found == {"value": [red, green, blue], "r": red, "g": green, "b": blue}
    last = source.getPixel(region={"right": 7, "bottom": 6})
    assert last["value"] == whole[5, 6].tolist()
    assert source.getPixel(region={"left": 1000, "top": 20}) == {}
    tile = source.getPixel(region={"left": 10, "top": 20}, includeTileRecord=True)["tile"]
    assert (tile["x"], tile["y"], tile["tile"].shape) == (10, 20, (1, 1, 3))


def test_pixels_of_other_types_are_also_told_at_8_bits(frames: FileTileSource) -> None:
    found = frames.getPixel(region={"left": 3, "top": 4}, frame=2)
    assert found["l"] == found["value"][0] >> 8


def test_a_style_changes_pixels_but_not_what_bands_hold(tmp_path: Path) -> None:
    path = save(smooth(80, 60) // 4, tmp_path / "dark.png")
    with tilesource.open(path, style={"bands": [{"band": 1, "max": 255 * 60}]}) as source:
        pixel = source.getPixel(region={"left": 5, "top": 5})
        record = source.getBandInformation(statistics=True)
    assert 0 < pixel["value"][0] < 1
    assert pixel["r"] <= 1
    assert list(record) == [1, 2, 3]
    assert record[1]["max"] == (smooth(80, 60)[..., 0] // 4).max()


def test_frames_and_axes(frames: FileTileSource, source: FileTileSource) -> None:
    assert [frames.frameToAxes(frame) for frame in (0, 4)] == [{"c": 0, "z": 0}, {"c": 1, "z": 1}]
    assert all(frames.axesToFrame(**frames.frameToAxes(frame)) == frame for frame in range(6))
    assert frames.axesToFrame(C=1) == 3
    assert (source.frameToAxes(0), source.axesToFrame()) == ({"frame": 0}, 0)
    for wrong in ({"c": 2}, {"c": -1}, {"q": 0}, {"z": "x"}):
        with pytest.raises(InvalidRequest):
            frames.axesToFrame(**wrong)
    with pytest.raises(InvalidRequest, match="0 to 5"):
        frames.frameToAxes(6)


def test_many_frames_in_one_picture(frames: FileTileSource) -> None:
    whole, _ = frames.tileFrames(format="numpy")
    assert whole.shape == (400, 900, 1)
    fourth, _ = frames.getRegion(format="numpy", frame=3)
    assert np.array_equal(whole[200:, :300], fourth)
    some = {"frameList": [0, 4, 5], "framesAcross": 2, "output": {"maxWidth": 100}}
    assert frames.tileFrames(format="numpy", **some)[0].shape == (132, 200, 1)
    assert frames.tileFrames(output={"maxWidth": 30})[1] == "image/jpeg"
    for wrong in ({"frameList": [6]}, {"frameList": "0,1"}, {"framesAcross": -1}):
        with pytest.raises(InvalidRequest):
            frames.tileFrames(**wrong)


def test_a_tiled_region_is_a_file(source: FileTileSource) -> None:
    path, mime = source.getRegion(
        encoding="TILED", region={"left": 100, "width": 600}, tiffCompression="lzw",
        scale={"mm_x": 0.0005},
    )  # fmt: skip
    try:
        with tilesource.open(path) as written:
            metadata = written.getMetadata()
            found, _ = written.getRegion(format="numpy")
    finally:
        path.unlink()
    assert (mime, metadata["sizeX"], metadata["sizeY"]) == ("image/tiff", 300, 350)
    assert metadata["mm_x"] == pytest.approx(0.0005)
    expected, _ = source.getRegion(
        region={"left": 100, "width": 600}, scale={"mm_x": 0.0005}, format="numpy"
    )
    assert np.array_equal(found, expected)


@pytest.mark.parametrize(("edge", "shape", "corner"), [
    (False, (128, 128), None), (None, (128, 128), None), ("", (128, 128), None),
    (True, (60, 104), None), ("crop", (60, 104), None),
    ("#ff0000", (128, 128), [255, 0, 0]), ("blue", (128, 128), [0, 0, 255]),
])  # fmt: skip
def test_tiles_at_the_edges(
    tmp_path: Path, edge: Any, shape: tuple[int, int], corner: list[int] | None
) -> None:
    with tilesource.open(jpeg_pyramid(tmp_path / "edges.tif"), edge=edge) as source:
        tile = source.getTile(7, 5, 3, numpyAllowed="always")
        assert tile.shape[:2] == shape
        if corner:
            assert tile[-1, -1].tolist() == corner
        assert Image.open(io.BytesIO(source.getTile(7, 5, 3))).size == shape[::-1]


def test_an_edge_that_is_no_colour_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="plaid"):
        tilesource.open(save(noise(10, 10), tmp_path / "a.png"), edge="plaid")


def test_tiles_that_are_not_stored(tmp_path: Path) -> None:
    path, picture = tmp_path / "sparse.tif", smooth(256, 256)
    tiles = [picture[:128, :128], None, None, picture[128:, 128:]]
    with tifffile.TiffWriter(path) as tiff:
        how = {"photometric": "rgb", "tile": (128, 128), "metadata": None}
        tiff.write(iter(tiles), shape=(256, 256, 3), dtype=np.uint8, **how)
        tiff.write(np.ascontiguousarray(picture[::2, ::2]), subfiletype=1, **how)
    with tilesource.open(path) as source:
        with pytest.raises(TileSourceError, match="not stored"):
            source.getTile(1, 0, 1)
        filled = source.getTile(1, 0, 1, numpyAllowed="always", sparseFallback=True)
        whole, _ = source.getRegion(format="numpy")
    assert np.abs(filled - picture[:128, 128:].astype(int)).mean() < 8
    assert np.array_equal(whole[:128, 128:], filled)


CALLS: list[Callable[[FileTileSource], Any]] = [
    lambda s: s.getTile("a", 0, 0), lambda s: s.getTile(None, 0, 0),
    lambda s: s.getTile(0, 0, 1e99),
    lambda s: s.getTile(0, 0, 0, frame=7), lambda s: s.getTile(0, 0, 0, frame="x"),
    lambda s: s.getRegion(region="all"), lambda s: s.getRegion(nonsense=1),
    lambda s: s.getRegion(output={"maxWidth": 10**9}, format="numpy"),
    lambda s: s.getRegion(output={"maxWidth": float("inf")}),
    lambda s: s.getThumbnail(width=-5), lambda s: s.getThumbnail(width="wide"),
    lambda s: s.getLevelForMagnification(-1), lambda s: s.getLevelForMagnification("x"),
    lambda s: s.getMagnificationForLevel(1e9), lambda s: s.getPreferredLevel("x"),
    lambda s: s.convertRegionScale({"units": "furlong"}), lambda s: s.convertRegionScale(5),
    lambda s: s.getPointAtAnotherScale(5), lambda s: s.getPixel(region={"left": "x"}),
    lambda s: s.getAssociatedImage("none", width=0), lambda s: s.histogram(nonsense=1),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(CALLS)))
def test_hostile_arguments_are_refused(source: FileTileSource, number: int) -> None:
    with pytest.raises(InvalidRequest):
        CALLS[number](source)


def test_a_tile_outside_is_refused(source: FileTileSource) -> None:
    for place in ((8, 0, 3), (0, 6, 3), (0, 0, 4), (0, 0, -1)):
        with pytest.raises(TileOutside):
            source.getTile(*place)
