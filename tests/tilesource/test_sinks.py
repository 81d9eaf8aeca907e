"""Tiles that are added to a new image are where they should be, and in the file in the end."""

from __future__ import annotations

import gc
import io
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import pyvips
from PIL import Image

import tilesource
from tests.tilesource.images import noise
from tests.tilesource.pictures import pixels_of, psnr
from tilesource.errors import InvalidRequest, TileSourceError
from tilesource.sinks import new
from tilesource.source import TileSource


def full(value: float, shape: tuple[int, ...] = (4, 5, 3), dtype: str = "uint8") -> np.ndarray:
    return np.full(shape, value, dtype)


def region(sink: TileSource, frame: int = 0) -> np.ndarray:
    return sink.getRegion(format="numpy", frame=frame)[0]


def bytes_of(image: Image.Image, form: str = "PNG") -> bytes:
    out = io.BytesIO()
    image.save(out, form)
    return out.getvalue()


def test_an_empty_image_has_no_pixels() -> None:
    with new() as sink:
        facts = sink.getMetadata()
        assert (facts["sizeX"], facts["sizeY"], facts["levels"]) == (0, 0, 0)
        assert region(sink).shape == (0, 0, 3)
        assert sink.bandFormat is sink.bandRanges is None
        with pytest.raises(InvalidRequest, match="no tiles yet"):
            sink.write("out.tiff")


def test_an_image_need_not_be_closed(tmp_path: Path) -> None:
    """As in the documentation; a file that is left open would be a warning, which is an error."""
    sink = new()
    sink.addTile(full(10))
    sink.write(tmp_path / "out.tiff")
    del sink
    gc.collect()


def test_alpha_tells_where_tiles_have_been() -> None:
    with new() as sink:
        sink.addTile(full(10), 3, 2)
        pixels = region(sink)
    assert (pixels.shape, pixels.dtype) == ((6, 8, 4), np.uint8)
    assert pixels[0, 0].tolist() == [0, 0, 0, 0]
    assert pixels[2, 3].tolist() == [10, 10, 10, 255]


def test_tiles_left_of_and_above_the_corner_move_it() -> None:
    with new() as sink:
        sink.addTile(full(10), 3, 2)
        sink.addTile(full(20), -2, -3)
        pixels = region(sink)
        assert sink.origin == {"x": -2, "y": -3}
        assert (sink.sizeX, sink.sizeY) == (10, 9)
    assert pixels[0, 0].tolist() == [20, 20, 20, 255]
    assert pixels[5, 5].tolist() == [10, 10, 10, 255]


FORMS = {
    "two dimensions": (full(7, (3, 4)), [7, 255]),
    "grey": (full(7, (3, 4, 1)), [7, 255]),
    "grey with alpha": (full(7, (3, 4, 2)), [7, 7]),
    "colour with alpha": (full(7, (3, 4, 4)), [7, 7, 7, 7]),
    "many bands": (full(7, (3, 4, 5)), [7] * 5),
    "16 bits": (full(700, (3, 4, 3), "uint16"), [700, 700, 700, 65535]),
    "float": (full(0.5, (3, 4, 3), "float32"), [0.5] * 3),
    "signed": (full(-7, (3, 4), "int8"), [-7]),
    "64 bits": (full(-7, (3, 4), "int64"), [-7]),
    "half": (full(0.5, (3, 4), "float16"), [0.5]),
    "big-endian": (full(700, (3, 4), ">u2"), [700, 65535]),
    "boolean": (np.ones((3, 4), bool), [255, 255]),
    "Pillow": (Image.new("RGB", (4, 3), "#102030"), [16, 32, 48, 255]),
    "Pillow, black and white": (Image.new("1", (4, 3), 1), [255, 255]),
    "Pillow, palette": (Image.new("P", (4, 3)), [0, 0, 0, 255]),
    "libvips": (pyvips.Image.black(4, 3, bands=3).cast("uchar"), [0, 0, 0, 255]),
    "PNG": (bytes_of(Image.new("RGB", (4, 3), "#102030")), [16, 32, 48, 255]),
    "TIFF": (bytearray(bytes_of(Image.new("L", (4, 3), 9), "TIFF")), [9, 255]),
}


@pytest.mark.parametrize("form", FORMS)
def test_tiles_may_have_many_forms(form: str) -> None:
    tile, expected = FORMS[form]
    with new() as sink:
        sink.addTile(tile)
        assert region(sink).shape == (3, 4, len(expected))
        assert region(sink)[1, 1].tolist() == expected


@pytest.mark.parametrize(
    "tile",
    [b"junk", "text", None, np.zeros(5), np.zeros((2, 3, 4, 3)), np.zeros((0, 4, 3)),
     np.zeros((3, 4), complex), np.array([["a"]]), 5],
)  # fmt: skip
def test_what_is_no_tile_is_refused(tile: object) -> None:
    with new() as sink, pytest.raises(InvalidRequest, match="tile"):
        sink.addTile(tile)


MIXES = [
    (full(7, (4, 5)), "uint8", [7, 7, 7, 255]),
    (full(7, (4, 5, 2)), "uint8", [7, 7, 7, 7]),
    (full(700, (4, 5, 3), "uint16"), "uint16", [700, 700, 700, 65535]),
    (full(-7, (4, 5), "int8"), "int16", [-7, -7, -7]),
    (full(0.5, (4, 5), "float32"), "float32", [0.5, 0.5, 0.5]),
    (full(7, (4, 5, 5)), "uint8", [7] * 5),
    (full(2**40, (4, 5), "uint64"), "uint64", [2**40] * 3),
]


@pytest.mark.parametrize(("tile", "dtype", "expected"), MIXES)
def test_the_image_becomes_what_holds_all_tiles(
    tile: np.ndarray, dtype: str, expected: list[float]
) -> None:
    with new() as sink:
        sink.addTile(full(10))
        sink.addTile(tile, 5, 0)
        pixels = region(sink)
        assert sink.dtype == np.dtype(dtype)
    assert pixels[0, 5].tolist() == expected
    assert pixels[0, 0, :3].tolist() == [10, 10, 10]
    covered = {"uint8": 255, "uint16": 65535}.get(dtype)
    assert pixels.shape[2] in (3, 5) or pixels[0, 0, 3] == covered


MASKS = [np.eye(4, 5), np.eye(4, 5)[..., None], np.eye(4, 5, dtype=bool), np.eye(4, 5).tolist()]


@pytest.mark.parametrize("mask", MASKS)
def test_a_mask_lets_only_some_pixels_through(mask: object) -> None:
    with new() as sink:
        sink.addTile(full(9), mask=mask)
        seen = region(sink)
        assert np.array_equal(seen[..., 3] == 255, np.eye(4, 5, dtype=bool))
        sink.addTile(full(1))
        sink.addTile(full(9), mask=mask)
        assert np.array_equal(region(sink)[..., 0], np.where(np.eye(4, 5), 9, 1))
        assert sink.bandRanges is not None
        assert sink.bandRanges["max"].tolist() == [9, 9, 9]


def test_a_mask_of_another_size_is_refused() -> None:
    with new() as sink, pytest.raises(InvalidRequest, match="4 x 5"):
        sink.addTile(full(9), mask=np.eye(3))


def test_what_is_under_a_transparent_tile_shows_through() -> None:
    with new() as sink:
        sink.addTile(full(100))
        sink.addTile(np.dstack([full(200), full(128, (4, 5))]))
        assert region(sink)[0, 0].tolist() == [150, 150, 150, 255]


def test_the_kind_zarr_keeps_bands_as_they_come() -> None:
    first, second = noise(6, 5, 4), noise(6, 5, 4)
    with new(kind="zarr") as sink:
        sink.addTile(first)
        sink.addTile(second)
        assert np.array_equal(region(sink), second)
    with new(kind="zarr") as sink:
        sink.addTile(full(7), 2, 0)
        assert region(sink).shape == (4, 7, 3)


def test_a_pixelmap_is_numbers_of_colours() -> None:
    with new() as sink:
        sink.addTile(full(0x010203, (1, 1), "int32"), interpretation="pixelmap")
        assert region(sink).tolist() == [[[3, 2, 1, 255]]]


@pytest.mark.parametrize("interpretation", ["MULTIBAND", "multiband"])
def test_bands_that_are_no_colours_get_no_alpha(interpretation: str) -> None:
    tile = noise(5, 4, 4)
    with new() as sink:
        sink.addTile(tile, 1, 0, interpretation=interpretation)
        assert np.array_equal(region(sink)[:, 1:], tile)


@pytest.mark.parametrize("name", ["RGB", "L", "srgb", "b-w", "rgb16"])
def test_interpretations_go_by_their_names(name: str) -> None:
    with new() as sink:
        sink.addTile(full(5), interpretation=name)
        assert sink.bandCount == 4
        with pytest.raises(InvalidRequest, match="nonsense"):
            sink.addTile(full(5), interpretation="nonsense")


def test_frames_are_places_on_axes() -> None:
    with new() as sink:
        for time in range(2):
            for z in range(3):
                sink.addTile(full(10 * time + z, (4, 5, 1), "uint16"), time=time, z=z)
        assert sink.getMetadata()["IndexRange"] == {"IndexTIME": 2, "IndexZ": 3}
        assert [int(region(sink, frame)[0, 0, 0]) for frame in range(6)] == [0, 1, 2, 10, 11, 12]
        assert sink.bandCount == 1


def test_an_axis_that_comes_later_finds_its_place_among_the_others() -> None:
    with new() as sink:
        sink.addTile(full(1), z=0)
        sink.addTile(full(2), z=1)
        sink.addTile(full(3), z=1, c=2)
        sink.channelNames = ["DAPI", "CY5", "A594"]
        assert [int(region(sink, frame).max()) for frame in range(6)] == [1, 0, 0, 2, 0, 3]
        assert sink.getMetadata()["channels"] == ["DAPI", "CY5", "A594"]


ORDERS = [
    (("z", "t"), [0, 3, 1, 4, 2, 5]), (("t", "z"), [0, 1, 2, 3, 4, 5]),
    (("c", "z"), [0, 3, 1, 4, 2, 5]), (("p1", "time"), [0, 3, 1, 4, 2, 5]),
    (("time", "p1"), [0, 1, 2, 3, 4, 5]), (("xy", "c"), [0, 1, 2, 3, 4, 5]),
    (("w", "xy"), [0, 3, 1, 4, 2, 5]),
]  # fmt: skip


@pytest.mark.parametrize(("axes", "expected"), ORDERS)
def test_frames_are_counted_alike_before_and_in_all_files(
    tmp_path: Path, axes: tuple[str, str], expected: list[int]
) -> None:
    """In the order in which large_image 1.35.6 finds them in its own files."""
    with new() as sink:
        for number in range(6):
            place = dict(zip(axes, divmod(number, 3), strict=True))
            sink.addTile(full(number, (64, 64, 1)), **place)
        found = {"new": [int(region(sink, frame)[0, 0, 0]) for frame in range(6)]}
        for name in ("out.tiff", "out.zarr.zip"):
            sink.write(tmp_path / name, lossy=False)
            with tilesource.open(tmp_path / name) as source:
                found[name] = [int(region(source, frame)[0, 0, 0]) for frame in range(6)]
    assert list(found.values()) == [expected] * 3


@pytest.mark.parametrize(
    ("axes", "order"), [("tzyxs", (0, 1, 2, 3, 4)), ("stzxy", (4, 0, 1, 3, 2))]
)
def test_an_array_can_hold_many_planes(axes: str, order: tuple[int, ...]) -> None:
    stack = np.arange(2 * 3 * 4 * 5 * 3, dtype=np.uint16).reshape(2, 3, 4, 5, 3)
    with new() as sink:
        sink.addTile(stack.transpose(order), axes=axes, t=1)
        assert sink.getMetadata()["IndexRange"] == {"IndexT": 3, "IndexZ": 3}
        assert np.array_equal(region(sink, 4), stack[0, 1])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [({"z": -1}, "z=-1"), ({"z": "a"}, "'a'"), ({"level": 1}, "level"), ({"a b": 1}, "a b"),
     ({"x": "left"}, "left"), ({"y": float("nan")}, "nan"), ({"x": 1 << 40}, "too far"),
     ({"z": 1 << 30}, "too many"), ({"axes": "yxss"}, "yxss"), ({"axes": 7}, "7"),
     ({"axes": "zyxs"}, "'z', 'y'"), ({"axes": "zt"}, "zt"), ({"z_value": 0.5}, "z_value")],
)  # fmt: skip
def test_places_that_make_no_sense_are_refused(arguments: dict[str, object], told: str) -> None:
    with new() as sink:
        with pytest.raises(InvalidRequest, match=told):
            sink.addTile(full(5), **arguments)
        assert sink.sizeX == 0


def test_threads_may_add_at_once() -> None:
    """All tiles share chunks; a lost update would leave a hole."""
    tiles = [noise(90, 70) for _ in range(64)]
    with new() as sink:

        def add(part: int) -> None:
            for number in range(part, 64, 8):
                sink.addTile(tiles[number], number % 8 * 90 - 200, number // 8 * 70 - 100)

        threads = [threading.Thread(target=add, args=(part,)) for part in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        pixels = region(sink)
    for number, tile in enumerate(tiles):
        left, top = number % 8 * 90, number // 8 * 70
        assert np.array_equal(pixels[top : top + 70, left : left + 90, :3], tile)


def test_threads_may_add_tiles_of_other_types_at_once() -> None:
    kinds = ("uint8", "uint16", "int32", "float32")
    with new(kind="zarr") as sink:

        def add(part: int) -> None:
            for number in range(20):
                sink.addTile(full(7, (50, 50), kinds[part]), part * 50, number * 50)

        threads = [threading.Thread(target=add, args=(part,)) for part in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert np.array_equal(np.unique(region(sink)), [7])


def test_an_image_can_be_looked_at_before_it_is_written() -> None:
    with new(encoding="PNG") as sink:
        sink.addTile(full(5), 0, 0)
        state = sink.getState()
        sink.addTile(full(9, (300, 400, 3)), 300, 0)
        assert sink.getState() != state
        assert (sink.levels, sink.tileWidth) == (3, 256)
        assert sink.getTile(0, 0, 2, numpyAllowed="always")[0, 0, 0] == 5
        assert sink.getThumbnail(format="numpy")[0].shape == (109, 256, 4)
        assert sink.getPixel(region={"left": 350, "top": 5})["value"] == [9, 9, 9, 255]
        assert sink.getTile(0, 0, 0)[:4] == b"\x89PNG"


def test_bands_tell_their_type_and_range() -> None:
    with new() as sink:
        sink.addTile(full(10))
        sink.addTile(full(20, (2, 2)), 1, 1)
        assert sink.bandFormat == "uchar"
        found = sink.bandRanges
        assert found is not None
        assert (found["min"].tolist(), found["max"].tolist()) == ([10, 10, 10], [20, 10, 10])


def test_sizes_scale_and_crop_are_set_and_checked() -> None:
    with new() as sink:
        sink.minWidth, sink.minHeight, sink.mm_x, sink.mm_y = 500, 40, 0.0005, 0.00025
        sink.addTile(full(5))
        assert (sink.sizeX, sink.sizeY) == (500, 40)
        assert sink.getMetadata()["magnification"] == pytest.approx(20)
        sink.crop = (1, 2, 3, 4)
        assert sink.crop == (1, 2, 3, 4)
        sink.crop = sink.minWidth = sink.mm_x = None
        assert (sink.sizeX, sink.crop, sink.mm_x) == (5, None, None)


WRONG = [
    ("crop", (0, 0, 0, 5)), ("crop", (-1, 0, 5, 5)), ("crop", (1, 2, 3)), ("crop", "all"),
    ("minWidth", 0), ("minHeight", -1), ("minWidth", "wide"), ("mm_x", 0), ("mm_y", "small"),
    ("channelNames", "red"), ("channelColors", "red"), ("channelColors", ["no colour"]),
    ("additionalMetadata", "text"), ("additionalMetadata", {"a": object()}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_settings_that_make_no_sense_are_refused(name: str, value: object) -> None:
    with new() as sink, pytest.raises(InvalidRequest):
        setattr(sink, name, value)


@pytest.mark.parametrize("kind", ["other", 7])
def test_an_unknown_kind_is_refused(kind: str) -> None:
    with pytest.raises(InvalidRequest, match=str(kind)):
        new(kind=kind)


@pytest.mark.parametrize("name", ["out.tiff", "out.ome.tif", "out.svs", "out.png", "out.webp",
                                  "out.zarr", "out.zarr.zip"])  # fmt: skip
def test_lossless_files_hold_the_very_pixels(tmp_path: Path, name: str) -> None:
    path, tile = tmp_path / name, noise(700, 300)
    with new() as sink:
        sink.addTile(tile, -5, 9)
        sink.write(path, lossy=False)
        expected = region(sink)
    shown = expected[..., 3:] > 0
    assert np.array_equal(pixels_of(path) * shown, expected)
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["out.tiff", "out.zarr.zip"])
def test_frames_of_one_channel_tell_its_name(tmp_path: Path, name: str) -> None:
    with new() as sink:
        for dose in range(2):
            sink.addTile(full(dose), dose=dose)
        sink.channelNames = ["DAPI"]
        sink.write(tmp_path / name)
    with tilesource.open(tmp_path / name) as source:
        assert source.getMetadata()["channels"] == ["DAPI"]


@pytest.mark.parametrize("name", ["out.tiff", "out.zarr.zip"])
def test_channels_are_named_and_numbered(tmp_path: Path, name: str) -> None:
    with new() as sink:
        for place in range(4):
            sink.addTile(full(place), c=place // 2, dose=place % 2)
        sink.channelNames = ["DAPI"]
        sink.write(tmp_path / name)
        assert sink.getMetadata()["channels"] == ["DAPI", "Band 2"]
    with tilesource.open(tmp_path / name) as source:
        assert source.getMetadata()["channels"] == ["DAPI", "Band 2"]


def test_a_zarr_tells_colours_and_notes(tmp_path: Path) -> None:
    with new() as sink:
        sink.addTile(full(5, (1, 4, 5, 2)), axes="zyxc")
        sink.channelColors = ["0000FF", "#f00"]
        sink.imageDescription, sink.additionalMetadata = "what it is", {"stain": "HE"}
        assert sink.channelColors == ["#0000ff", "#ff0000"]
        assert (sink.imageDescription, sink.additionalMetadata) == ("what it is", {"stain": "HE"})
        sink.write(tmp_path / "out.zarr.zip")
    with tilesource.open(tmp_path / "out.zarr.zip") as source:
        told = source.getInternalMetadata()["zarr"]["base"]
    assert [each["color"] for each in told["omero"]["channels"]] == ["0000FF", "FF0000"]
    assert told["multiscales"][0]["metadata"]["description"] == {
        "description": "what it is", "additionalMetadata": {"stain": "HE"},
    }  # fmt: skip


@pytest.mark.parametrize("name", ["out.tiff", "out.jpg", "out.webp", "out.avif"])
def test_lossy_files_look_alike(tmp_path: Path, name: str) -> None:
    path, tile = tmp_path / name, np.full((200, 300, 3), (200, 100, 50), np.uint8)
    with new() as sink:
        sink.addTile(tile)
        sink.write(path, alpha=False)
    assert psnr(pixels_of(path), tile) > 38


@pytest.mark.parametrize(
    ("name", "lossy", "alpha", "bands"),
    [("a.tiff", True, True, 3), ("a.tiff", False, True, 4), ("a.tiff", False, False, 3),
     ("a.png", True, True, 4), ("a.png", True, False, 3), ("a.zarr", True, True, 4)],
)  # fmt: skip
def test_alpha_is_kept_where_it_may_be(
    tmp_path: Path, name: str, lossy: bool, alpha: bool, bands: int
) -> None:
    with new() as sink:
        sink.addTile(full(5, (300, 200, 3)), 3, 2)
        sink.write(tmp_path / name, lossy=lossy, alpha=alpha)
    with tilesource.open(tmp_path / name) as source:
        assert source.bandCount == bands


def test_only_the_crop_is_written(tmp_path: Path) -> None:
    pixels = noise(300, 200)
    with new() as sink:
        sink.addTile(pixels, -30, -20)
        sink.crop = (10, 15, 50, 1000)
        sink.write(tmp_path / "out.tiff", lossy=False, alpha=False)
        assert (sink.sizeX, sink.sizeY) == (300, 200)
        sink.crop = (300, 0, 5, 5)
        with pytest.raises(InvalidRequest, match="outside"):
            sink.write(tmp_path / "none.tiff")
    assert np.array_equal(pixels_of(tmp_path / "out.tiff"), pixels[15:, 10:60])


@pytest.mark.parametrize("name", ["out.tiff", "out.zarr", "out.zarr.zip"])
def test_frames_channels_scale_and_labels_are_written(tmp_path: Path, name: str) -> None:
    planes, label = [noise(90, 80, 1, "uint16") for _ in range(6)], noise(20, 10)
    with new() as sink:
        for number, plane in enumerate(planes):
            sink.addTile(plane, c=number // 3, z=number % 3)
        sink.mm_x, sink.mm_y, sink.channelNames = 0.0005, 0.00025, ["DAPI", "CY5"]
        sink.addAssociatedImage("label", label)
        assert sink.getAssociatedImagesList() == ["label"]
        sink.write(tmp_path / name)
    with tilesource.open(tmp_path / name) as source:
        facts = source.getMetadata()
        assert facts["IndexRange"] == {"IndexC": 2, "IndexZ": 3}
        assert facts["channels"] == ["DAPI", "CY5"]
        assert (facts["mm_x"], facts["mm_y"]) == pytest.approx((0.0005, 0.00025))
        if name == "out.tiff":
            found = source.getAssociatedImage("label", format="numpy")
            assert np.array_equal(found[0], label)
        for number, plane in enumerate(planes):
            frame = source.axesToFrame(c=number // 3, z=number % 3)
            assert np.array_equal(pixels_of(tmp_path / name, frame), plane)


def test_deep_zoom_is_a_descriptor_and_a_folder(tmp_path: Path) -> None:
    with new() as sink:
        sink.addTile(full(90, (300, 400, 3)))
        for _ in range(2):
            sink.write(tmp_path / "out.dzi", alpha=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.dzi", "out_files"]
    assert psnr(pixels_of(tmp_path / "out.dzi"), full(90, (300, 400, 3))) > 38


def test_options_of_libvips_take_the_place_of_the_usual(tmp_path: Path) -> None:
    with new() as sink:
        sink.addTile(noise(100, 100))
        sink.write(tmp_path / "a.tiff", vips_kwargs={"tile": True, "compression": "lzw"})
        with pytest.raises(InvalidRequest, match="nonsense"):
            sink.write(tmp_path / "b.tiff", vips_kwargs={"nonsense": 1})
    assert pyvips.Image.tiffload(str(tmp_path / "a.tiff")).get("tile-width") == 128
    assert not (tmp_path / "b.tiff").exists()


@pytest.mark.parametrize("name", ["out.xyz", "out", "out.zip", "a[b].c]"])
def test_names_of_no_known_kind_are_refused(tmp_path: Path, name: str) -> None:
    with new() as sink:
        sink.addTile(full(5))
        with pytest.raises(InvalidRequest, match="kind of file"):
            sink.write(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_brackets_in_a_name_are_only_a_name(tmp_path: Path) -> None:
    with new() as sink:
        sink.addTile(full(5))
        sink.write(tmp_path / "a[compression=9].png")
    assert [path.name for path in tmp_path.iterdir()] == ["a[compression=9].png"]


def test_frames_are_not_lost_in_a_format_of_one(tmp_path: Path) -> None:
    with new() as sink:
        sink.addTile(full(5), z=1)
        with pytest.raises(InvalidRequest, match="one frame, not 2"):
            sink.write(tmp_path / "out.png")


def test_a_file_is_replaced_only_where_that_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "folder.zarr").mkdir()
    with new() as sink:
        sink.addTile(full(5))
        for name in ("a.tiff", "a.zarr"):
            sink.write(tmp_path / name)
            sink.write(tmp_path / name)
            with pytest.raises(TileSourceError, match="exists already"):
                sink.write(tmp_path / name, overwriteAllowed=False)
        with pytest.raises(TileSourceError, match="folder, but no zarr"):
            sink.write(tmp_path / "folder.zarr")
        with pytest.raises(TileSourceError, match=r"a\.tiff cannot be written: No such"):
            sink.write(tmp_path / "nowhere" / "a.tiff")


MEASURE = """
import resource, sys
import numpy as np
from tilesource.sinks import new
tile = np.random.default_rng(1).integers(0, 255, (512, 512, 3), np.uint8)
sink = new()
sink.addTile(tile)
sink.write(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for number in range(16 * 24):
    sink.addTile(tile, number % 16 * 512, number // 16 * 512)
sink.write(sys.argv[1])
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_memory_is_bounded(tmp_path: Path) -> None:
    """300 MB of tiles are added and written."""
    grown = subprocess.run(
        [sys.executable, "-c", MEASURE, tmp_path / "out.tiff"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert int(grown.stdout) < 80
