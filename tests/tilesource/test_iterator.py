from __future__ import annotations

import copy
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import tilesource
from tests.tilesource.images import save, smooth
from tilesource import FileTileSource
from tilesource.errors import InvalidRequest

WIDTH, HEIGHT = 1000, 700


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FileTileSource]:
    """A pyramid of four levels, 40x, a quarter of a micrometre a pixel."""
    path = tmp_path_factory.mktemp("iterator") / "pyramid.tif"
    save(smooth(WIDTH, HEIGHT), path, tile=True, pyramid=True, tile_width=128, tile_height=128,
         xres=4000, yres=4000, resunit="cm")  # fmt: skip
    with tilesource.open(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FileTileSource]:
    """The same, of which only the highest level is stored."""
    path = tmp_path_factory.mktemp("iterator") / "flat.tif"
    tifffile.imwrite(path, smooth(WIDTH, HEIGHT), tile=(128, 128), photometric="rgb",
                     resolution=(40000, 40000), resolutionunit="CENTIMETER")  # fmt: skip
    with tilesource.open(path) as opened:
        yield opened


def put_together(source: FileTileSource, **request: Any) -> np.ndarray:
    """Return the tiles beside each other, without what they share."""
    rows: dict[int, list[np.ndarray]] = {}
    for tile in source.tileIterator(**request):
        over, pixels = tile["tile_overlap"], tile["tile"]
        assert pixels.shape[:2] == (tile["height"], tile["width"])
        own = pixels[over["top"] : len(pixels) - over["bottom"],
                     over["left"] : pixels.shape[1] - over["right"]]  # fmt: skip
        rows.setdefault(tile["tile_position"]["region_y"], []).append(own)
    return np.vstack([np.hstack(row) for row in rows.values()])


def test_a_tile_tells_what_is_documented(source: FileTileSource) -> None:
    region = {"left": 200, "width": 300, "top": 150, "height": 300}
    tile = source.getSingleTile(region=region, tile_position=4)
    assert tile is not None
    assert {key: value for key, value in tile.items() if key != "tile"} == {
        "x": 256, "y": 256, "width": 128, "height": 128, "format": "numpy", "level": 3,
        "level_x": 2, "level_y": 2, "magnification": 40.0, "mm_x": 0.00025, "mm_y": 0.00025,
        "tile_position": {
            "level_x": 2, "level_y": 2, "region_x": 1, "region_y": 1, "position": 4,
        },
        "iterator_range": {
            "level_x_min": 1, "level_x_max": 4, "level_y_min": 1, "level_y_max": 4,
            "region_x_max": 3, "region_y_max": 3, "position": 9,
        },
        "tile_overlap": {"left": 0, "top": 0, "right": 0, "bottom": 0},
        "gx": 256.0, "gy": 256.0, "gwidth": 128.0, "gheight": 128.0,
    }  # fmt: skip


def test_a_resampled_tile_tells_what_it_was(source: FileTileSource) -> None:
    tile = source.getSingleTile(output={"maxWidth": 300}, tile_position=1)
    assert tile is not None
    assert (tile["level"], tile["scaled"], tile["magnification"]) == (2, pytest.approx(0.6), 12)
    assert (tile["tile_magnification"], tile["tile_mm_x"]) == (20.0, 0.0005)
    assert (tile["tile_x"], tile["tile_y"]) == (213, 0)
    assert (tile["tile_width"], tile["tile_height"]) == (214, 214)
    place = {key: tile[key] for key in ("x", "gx", "gwidth", "mm_x")}
    assert place == pytest.approx(
        {"x": 128, "gx": 128 / 0.3, "gwidth": 128 / 0.3, "mm_x": 0.0005 / 0.6}
    )


def test_tiles_at_a_level_are_that_level(source: FileTileSource) -> None:
    tile = source.getSingleTile(
        region={"left": 100, "top": 50, "width": 500, "height": 400}, scale={"mm_x": 0.001}
    )
    assert tile is not None
    assert (tile["x"], tile["y"], tile["width"], tile["height"]) == (25, 12, 103, 100)
    assert (tile["gx"], tile["gy"], tile["level"], "scaled" in tile) == (100, 48, 1, False)


def test_a_level_that_is_not_stored_is_resampled(flat: FileTileSource) -> None:
    tile = flat.getSingleTile(scale={"mm_x": 0.0005})
    assert tile is not None
    assert (tile["level"], tile["scaled"], tile["tile"].shape) == (3, 0.5, (128, 128, 3))
    assert (tile["tile_width"], tile["magnification"]) == (256, 20)


@settings(max_examples=60, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(
    left=st.integers(0, 600), top=st.integers(0, 400), width=st.integers(60, 400),
    height=st.integers(60, 300), scale=st.sampled_from((1, 2, 4, 1.3, 2.7, 5, 0.6)),
    size=st.integers(20, 150), overlap=st.integers(0, 19), edges=st.booleans(),
)  # fmt: skip
def test_tiles_are_the_region_cut(
    source: FileTileSource, left: int, top: int, width: int, height: int, scale: float, size: int,
    overlap: int, edges: bool,
) -> None:  # fmt: skip
    request = {
        "region": {"left": left, "top": top, "width": width, "height": height},
        "scale": {"mm_x": 0.00025 * scale},
    }
    tiling = {"tile_size": {"width": size, "height": size + 7},
              "tile_overlap": {"x": overlap, "y": overlap // 2, "edges": edges}}  # fmt: skip
    region, _ = source.getRegion(format="numpy", **request)
    tiles = put_together(source, **request, **tiling)
    assert tiles.shape == region.shape
    assert np.abs(tiles - region.astype(int)).max() <= 2


def test_without_resampling_tiles_are_of_the_next_finer_level(source: FileTileSource) -> None:
    for resample in (False, None):
        tiles = put_together(source, output={"maxWidth": 300}, resample=resample)
        assert tiles.shape == (350, 500, 3)


@pytest.mark.parametrize("kernel", list(Image.Resampling))
def test_any_pillow_filter_resamples(source: FileTileSource, kernel: Image.Resampling) -> None:
    tile = source.getSingleTile(output={"maxWidth": 300}, resample=kernel)
    assert tile is not None
    assert tile["tile"].shape == (128, 128, 3)


POSITIONS = [
    (0, (0, 0)), (5, (2, 1)), ({"region_x": 1, "region_y": 2}, (1, 2)),
    ({"level_x": 2, "level_y": 3}, (1, 2)), ({"position": 8}, (2, 2)),
]  # fmt: skip


@pytest.mark.parametrize(("position", "expected"), POSITIONS)
def test_one_tile_of_all(
    source: FileTileSource, position: object, expected: tuple[int, int]
) -> None:
    request = {"region": {"left": 200, "width": 300, "top": 150, "height": 300}}
    (tile,) = source.tileIterator(tile_position=position, **request)
    place = tile["tile_position"]
    assert (place["region_x"], place["region_y"]) == expected
    assert source.getTileCount(tile_position=position, **request) == 1


@pytest.mark.parametrize("position", [9, -1, {"region_x": 3, "region_y": 0},
                                      {"level_x": 0, "level_y": 0}])  # fmt: skip
def test_a_tile_that_is_not_there(source: FileTileSource, position: object) -> None:
    request = {"region": {"left": 200, "width": 300, "top": 150, "height": 300}}
    assert source.getSingleTile(tile_position=position, **request) is None


def test_an_exact_scale_that_no_level_has_gives_no_tiles(source: FileTileSource) -> None:
    assert source.getTileCount(scale={"magnification": 7, "exact": True}) == 0
    assert source.getTileCount(scale={"magnification": 20, "exact": True}) == 12


def test_an_exact_scale_is_that_of_a_stored_level(flat: FileTileSource) -> None:
    assert flat.getTileCount(scale={"mm_x": 0.00025, "exact": True}) == 48
    assert flat.getTileCount(scale={"mm_x": 0.0005, "exact": True}) == 0


def test_an_empty_region_gives_no_tiles(source: FileTileSource) -> None:
    assert list(source.tileIterator(region={"left": 500, "width": 0})) == []
    first = {"region_x": 0, "region_y": 0}
    empty = {"region": {"left": 300, "right": 200}, "output": {"maxWidth": 50}}
    assert source.getTileCount(**empty, tile_position=first) == 0
    assert source.getSingleTile(**empty, tile_position=first) is None


def test_tiles_start_at_an_offset(source: FileTileSource) -> None:
    region = {"left": 200, "width": 300, "top": 150, "height": 300}
    tile = source.getSingleTile(region=region, tile_offset={"left": 10, "top": 20},
                                tile_size={"width": 50})  # fmt: skip
    assert tile is not None
    assert (tile["x"], tile["width"], tile["y"], tile["height"]) == (200, 10, 150, 20)
    tile = source.getSingleTile(region=region, tile_offset={"auto": True})
    assert tile is not None
    assert (tile["x"], tile["width"], tile["level_x"]) == (200, 128, 0)


def test_iterating_at_another_scale(source: FileTileSource) -> None:
    region = {"left": 50, "top": 25, "width": 150, "height": 100, "units": "mag_pixels"}
    scales = {"sourceScale": {"mm_x": 0.0005}, "targetScale": {"mm_x": 0.001}}
    (tile,) = source.tileIteratorAtAnotherScale(region, **scales)
    assert (tile["gx"], tile["width"], tile["height"]) == (100, 75, 50)
    same = source.getSingleTileAtAnotherScale(region, **scales)
    assert same is not None
    assert np.array_equal(same["tile"], tile["tile"])


def test_a_tile_is_read_when_it_is_looked_at(source: FileTileSource) -> None:
    tile = source.getSingleTile()
    assert tile is not None
    assert not tile.loaded
    assert tile["tile"] is tile["tile"]
    assert tile.loaded
    tile.release()
    assert not tile.loaded
    assert tile.get("tile").shape == (128, 128, 3)
    assert tile.get("nothing", 5) == 5


def test_copies_of_a_tile_have_its_pixels(source: FileTileSource) -> None:
    for number in range(3):
        tile = source.getSingleTile()
        assert tile is not None
        copied = (dict(tile), {**tile}, copy.copy(dict(tile.items())))[number]
        assert copied["tile"].shape == (128, 128, 3)


def test_a_tile_changes_its_format(source: FileTileSource) -> None:
    tile = source.getSingleTile()
    assert tile is not None
    tile.setFormat(("PIL",))
    assert (tile["format"], tile["tile"].size) == ("PIL", (128, 128))
    tile.setFormat("image", imageKwargs={"encoding": "PNG"})
    assert Image.open(io.BytesIO(tile["tile"])).format == "PNG"


def test_a_tile_is_resampled_on_demand(source: FileTileSource) -> None:
    tile = source.getSingleTile(output={"maxWidth": 300}, resample=False)
    assert tile is not None
    tile.setFormat(("numpy",), resample=True)
    assert tile["tile"].shape == (76, 76, 3)
    assert (tile["scaled"], tile["tile_width"]) == (pytest.approx(0.6), 128)


def test_formats_of_tiles(source: FileTileSource) -> None:
    for form, kind in (("PIL", Image.Image), ("image", bytes), (("PIL", "numpy"), np.ndarray)):
        tile = source.getSingleTile(format=form)
        assert tile is not None
        assert isinstance(tile["tile"], kind)


BAD = [
    {"tile_size": {"width": 0}}, {"tile_size": {"width": -5}}, {"tile_size": 5},
    {"tile_size": {"width": "x"}}, {"tile_size": {"width": 10}, "tile_overlap": {"x": 10}},
    {"tile_overlap": {"x": -1}}, {"tile_overlap": {"x": "a"}}, {"tile_position": "x"},
    {"tile_position": {}}, {"tile_position": {"region_x": 1}}, {"tile_offset": {"left": "x"}},
    {"resample": 99}, {"resample": "yes"}, {"format": "tiff"}, {"format": ()}, {"format": None},
    {"frame": 5}, {"frame": -1}, {"frame": "a"}, {"scale": {"mm_x": -1}}, {"scale": 4},
    {"scale": {"magnification": float("nan")}}, {"output": {"maxWidth": 0}}, {"output": 4},
    {"tilesize": {"width": 5}}, {"encoding": "NONSENSE", "format": "image"},
    {"jpegQuality": 1000}, {"jpegQuality": "high"},
]  # fmt: skip


@pytest.mark.parametrize("request_", BAD, ids=str)
def test_what_makes_no_sense_is_refused(
    source: FileTileSource, request_: dict[str, object]
) -> None:
    with pytest.raises(InvalidRequest):
        list(source.tileIterator(**request_))
