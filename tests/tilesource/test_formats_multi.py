"""An image of many files: where each frame and each pixel of it comes from."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import tilesource
from tests.tilesource.images import noise, plain, smooth
from tilesource import FileTileSource
from tilesource.errors import TileSourceError

RED, GREEN, BLUE = [200, 10, 10], [10, 200, 10], [10, 10, 200]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of small pictures, each of one colour, and of grey ones that are not."""
    for name, colour, size in (("red", RED, (100, 80)), ("green", GREEN, (100, 80)),
                               ("blue", BLUE, (60, 50))):  # fmt: skip
        pixels = np.full((size[1], size[0], 3), colour, np.uint8)
        plain(tmp_path / f"{name}.tif", pixels, photometric="rgb", tile=(64, 64))
    glass = np.full((50, 60, 4), [*BLUE, 128], np.uint8)
    plain(tmp_path / "glass.tif", glass, photometric="rgb", extrasamples=["unassalpha"])
    plain(tmp_path / "grey.tif", smooth(100, 80, 1)[..., 0])
    plain(tmp_path / "four.tif", noise(100, 80, 4).transpose(2, 0, 1), photometric="minisblack")
    for z in range(3):
        for c in range(2):
            plain(tmp_path / f"part_z{z}_c{c}.tif", np.full((80, 100), 10 * z + c, np.uint8))
    return tmp_path


def opened(folder: Path, sources: list[dict[str, Any]], **more: object) -> FileTileSource:
    path = folder / "image.yaml"
    path.write_text(yaml.safe_dump({"sources": sources, **more}))
    return tilesource.open(path)


def frames(folder: Path, sources: list[dict[str, Any]], **more: object) -> list[np.ndarray]:
    """Return the pixels of all frames."""
    with opened(folder, sources, **more) as source:
        return [source.getRegion(frame=n, format="numpy")[0] for n in range(source.frames)]


def ranges(folder: Path, sources: list[dict[str, Any]], **more: object) -> dict[str, int]:
    with opened(folder, sources, **more) as source:
        return source.getMetadata().get("IndexRange", {})


def test_one_file_is_shown_as_it_is(folder: Path) -> None:
    (pixels,) = frames(folder, [{"path": "red.tif"}])
    assert pixels.shape == (80, 100, 3)
    assert (pixels == RED).all()


def test_json_is_read_as_well(folder: Path) -> None:
    (folder / "image.json").write_text(json.dumps({"sources": [{"path": "red.tif"}]}))
    with tilesource.open(folder / "image.json") as source:
        assert (source.name, source.sizeX) == ("multi", 100)


PLACES = [
    ([{}, {}], {"IndexZ": 2}),
    ([{"z": 2}, {}], {"IndexZ": 4}),
    ([{}, {"t": 1}], {"IndexT": 2}),
    ([{"c": 0}, {"c": 2}], {"IndexC": 3}),
    ([{"channel": "a"}, {"channel": "b"}], {"IndexC": 2, "IndexZ": 2}),
    ([{"channel": "a", "z": 0}, {"channel": "b", "z": 0}], {"IndexC": 2}),
    ([{"z": 0}, {"z": 0}], {}),
    ([{"xySet": 1}, {"tSet": 2}], {"IndexXY": 2, "IndexT": 3, "IndexZ": 2}),
    ([{"zValues": [3]}, {}], {"IndexZ": 5}),
    ([{}, {"tValues": [2]}], {"IndexT": 3}),
    ([{"frame": 0}, {"frame": 1}], {}),
]


@pytest.mark.parametrize(("places", "expected"), PLACES)
def test_axes_say_which_frame_a_file_is(
    folder: Path, places: list[dict[str, object]], expected: dict[str, int]
) -> None:
    names = ("red.tif", "green.tif")
    sources = [{"path": name, **place} for name, place in zip(names, places, strict=True)]
    assert ranges(folder, sources) == expected


VALUES = [
    ({"zValues": [3]}, [0, 0, 0, 1, 2, 3, 4]),
    ({"zValues": [3, 0, 1, 2]}, [2, 3, 4, 1]),
    ({"zValues": [0, 3, 4, 5], "z": 1}, [0, 1, 0, 0, 2, 3, 4]),
    ({"zValues": [1, 3]}, [0, 1, 0, 3, 0, 4]),
    ({"zValues": [1, 3], "z": 1}, [0, 0, 1, 0, 2, 3, 0, 4]),
    ({"tValues": [1]}, [0, 0, 0, 0, 1, 2, 3, 4]),
]


@pytest.mark.parametrize(("values", "expected"), VALUES)
def test_values_say_where_the_frames_of_a_file_go(
    folder: Path, values: dict[str, object], expected: list[int]
) -> None:
    """Places as large_image 1.35.6 has them, where a list that is too short hides a frame."""
    planes = np.arange(1, 5, dtype=np.uint8)[:, None, None].repeat(64, 1).repeat(64, 2)
    plain(folder / "planes.tif", planes, photometric="minisblack")
    sources = [{"path": "planes.tif", "framesAsAxes": {"z": 1}, **values}]
    assert [pixels[0, 0, 0] for pixels in frames(folder, sources)] == expected


def test_a_file_lies_behind_all_depths_of_those_before(folder: Path) -> None:
    four = {"path": "four.tif", "framesAsAxes": {"z": 1}}
    assert ranges(folder, [four, {"path": "grey.tif"}, four]) == {"IndexZ": 9}
    pattern = {"path": ".", "pathPattern": r"part_z\d_c0"}
    assert ranges(folder, [pattern, pattern]) == {"IndexZ": 6}


def test_frames_without_axes_are_numbered(folder: Path) -> None:
    four = {"path": "four.tif", "z": 0}
    with opened(folder, [four, {**four, "frame": 5}, {**four, "frameSet": 4}]) as source:
        assert (source.frames, source.getMetadata().get("IndexRange")) == (9, None)


def test_a_place_in_a_name_takes_that_of_the_entry(folder: Path) -> None:
    sources = [{"path": ".", "pathPattern": r"part_z(?P<z>\d)_c0", "z": 1}]
    assert ranges(folder, sources) == {"IndexZ": 3}


def test_channels_have_the_names_given(folder: Path) -> None:
    sources = [{"path": "red.tif", "channel": "hot", "z": 0},
               {"path": "green.tif", "channel": "cold", "z": 0}]  # fmt: skip
    with opened(folder, sources, channels=["cold"]) as source:
        assert source.getMetadata()["channels"] == ["cold", "hot"]
        assert (source.getRegion(frame=1, format="numpy")[0] == RED).all()


@pytest.mark.parametrize("place", ["c", "cSet"])
def test_a_channel_has_the_name_of_what_lies_there(folder: Path, place: str) -> None:
    sources = [{"path": "red.tif", place: 1, "channel": "hot", "z": 0},
               {"path": "green.tif", place: 0, "channel": "cold", "z": 0}]  # fmt: skip
    with opened(folder, sources) as source:
        assert source.getMetadata()["channels"] == ["cold", "hot"]
        assert (source.getRegion(frame=1, format="numpy")[0] == RED).all()


def test_an_axis_of_its_own_is_slower_than_the_others(folder: Path) -> None:
    sources = [{"path": f"{name}.tif", "q": q, "c": c}
               for name, q, c in (("red", 0, 0), ("green", 0, 1), ("grey", 1, 0))]  # fmt: skip
    assert ranges(folder, sources, axes=["q"]) == {"IndexQ": 2, "IndexC": 2}
    assert (frames(folder, sources, axes=["q"])[1] == GREEN).all()


def test_patterns_find_files_and_their_places(folder: Path) -> None:
    sources = [{"path": ".", "pathPattern": r"part_z(?P<z>\d)_c(?P<c>\d)\.tif"}]
    assert [pixels[0, 0, 0] for pixels in frames(folder, sources)] == [0, 1, 10, 11, 20, 21]


def test_a_pattern_without_places_counts_depths(folder: Path) -> None:
    sources = [{"path": ".", "pathPattern": r"part_z\d_c0"}]
    assert [pixels[0, 0, 0] for pixels in frames(folder, sources)] == [0, 10, 20]
    stepped = [{"path": ".", "pathPattern": r"part_z\d_c0", "zStep": 2}]
    assert ranges(folder, stepped) == {"IndexZ": 5}


def test_strides_give_axes_to_plain_frames(folder: Path) -> None:
    sources = [{"path": "four.tif", "framesAsAxes": {"c": 1, "z": 2}}]
    assert ranges(folder, sources) == {"IndexZ": 2, "IndexC": 2}
    with tilesource.open(folder / "four.tif") as source:
        expected = [source.getRegion(frame=n, format="numpy")[0] for n in range(4)]
    assert all(map(np.array_equal, frames(folder, sources), expected))
    assert all(map(np.array_equal, frames(folder, [{"path": "four.tif"}]), expected))


def test_frames_choose_among_those_of_a_file(folder: Path) -> None:
    shown = frames(folder, [{"path": "four.tif", "frames": [2, 0]}])
    assert [bool(pixels.any()) for pixels in shown] == [True, False, True]


def test_files_lie_side_by_side_and_over_each_other(folder: Path) -> None:
    (pixels,) = frames(folder, [
        {"path": "red.tif", "z": 0},
        {"path": "green.tif", "z": 0, "position": {"x": 100, "y": 20}},
        {"path": "blue.tif", "z": 0, "position": {"x": 70, "y": -10}},
    ])  # fmt: skip
    assert pixels.shape == (100, 200, 3)
    spots = {(0, 0): RED, (99, 199): GREEN, (5, 80): BLUE, (40, 69): RED, (90, 10): [0, 0, 0]}
    assert all(pixels[place].tolist() == colour for place, colour in spots.items())


def test_a_crop_shows_a_part_at_its_own_place(folder: Path) -> None:
    crop = {"left": 10, "top": 20, "right": 50, "bottom": 60}
    sources = [{"path": "red.tif", "position": {"x": 5, "y": 6, "crop": crop}}]
    (pixels,) = frames(folder, sources, width=100, height=80, backgroundColor=[1, 2, 3])
    is_red = (pixels == RED).all(axis=2)
    assert is_red[26:66, 15:55].all()
    assert is_red.sum() == 1600
    assert pixels[0, 0].tolist() == [1, 2, 3]


def test_transparent_files_are_mixed_with_what_lies_below(folder: Path) -> None:
    (pixels,) = frames(folder, [{"path": "red.tif", "z": 0}, {"path": "glass.tif", "z": 0}])
    assert pixels.shape[2] == 4
    assert pixels[70, 90].tolist() == [*RED, 255]
    assert np.abs(pixels[5, 5].astype(int) - [105, 10, 105, 255]).max() <= 1
    (alone,) = frames(folder, [{"path": "glass.tif"}], width=80)
    assert alone[5, 5].tolist() == [*BLUE, 128]


BACKGROUNDS = [
    ("glass", [0, 100, 255], [5, 55, 227, 255], [0, 100, 255, 255]),
    ("glass", [70], [40, 40, 135, 255], [70, 70, 70, 255]),
    ("glass", [0, 0, 255, 100], [7, 7, 215, 178], [0, 0, 255, 100]),
    ("red", [70, 80], [*RED, 255], [70, 70, 70, 80]),
    ("grey", [1, 2, 3], None, [1, 2, 3]),
]


@pytest.mark.parametrize(("name", "colour", "within", "beyond"), BACKGROUNDS)
def test_a_background_shows_through_and_around(
    folder: Path, name: str, colour: list[int], within: list[int] | None, beyond: list[int]
) -> None:
    sources = [{"path": f"{name}.tif", "position": {"x": 10, "y": 10}}]
    with opened(folder, sources, width=200, backgroundColor=colour, tileWidth=128) as source:
        pixels = source.getRegion(format="numpy")[0]
        tile = source.getTile(1, 0, source.levels - 1, numpyAllowed="always")
    assert within is None or np.abs(pixels[20, 20] - np.array(within)).max() <= 1
    assert pixels[5, 5].tolist() == tile[0, 127].tolist() == beyond


def test_a_scaled_file_is_resampled(folder: Path) -> None:
    (pixels,) = frames(folder, [{"path": "grey.tif", "position": {"scale": 2}}])
    with tilesource.open(folder / "grey.tif") as source:
        base = source.getRegion(format="numpy")[0].astype(int)
    assert pixels.shape == (160, 200, 1)
    assert np.abs(pixels[1::2, 1::2] - base)[2:-2, 2:-2].mean() < 5


def test_windows_of_a_scaled_file_fit_together(folder: Path) -> None:
    sources = [{"path": "grey.tif", "position": {"x": 3, "scale": 1.7}}]
    with opened(folder, sources) as source:
        whole = source.getRegion(format="numpy")[0]
        region = {"left": 40, "top": 30, "width": 50, "height": 60}
        part = source.getRegion(region=region, format="numpy")[0]
    assert np.abs(part.astype(int) - whole[30:90, 40:90]).max() <= 1


def test_a_matrix_turns_a_file(folder: Path) -> None:
    with tilesource.open(folder / "grey.tif") as source:
        base = source.getRegion(format="numpy")[0]
    transposed = {"s11": 0, "s12": 1, "s21": 1, "s22": 0}
    (pixels,) = frames(folder, [{"path": "grey.tif", "position": transposed}])
    assert np.array_equal(pixels, base.transpose(1, 0, 2))
    mirrored = {"x": 100, "s11": -1}
    (pixels,) = frames(folder, [{"path": "grey.tif", "position": mirrored}])
    assert np.array_equal(pixels, base[:, ::-1])


def test_types_and_bands_are_made_alike(folder: Path) -> None:
    (first, second) = frames(folder, [{"path": "red.tif"}, {"path": "grey.tif"}], dtype="uint16")
    assert first[0, 0].tolist() == [257 * value for value in RED]
    assert (second[..., 0] == second[..., 2]).all()
    (single,) = frames(folder, [{"path": "red.tif"}], singleBand=True)
    assert (single.shape, single[0, 0, 0]) == ((80, 100, 1), 200)


def test_samples_are_scaled_and_shifted(folder: Path) -> None:
    (pixels,) = frames(folder, [{"path": "red.tif", "sampleScale": 0.5, "sampleOffset": 20}])
    assert pixels[0, 0].tolist() == [120, 25, 25]


def test_a_source_is_shown_in_its_style(folder: Path) -> None:
    style = {"min": 0, "max": 255, "palette": ["#000", "#f00"]}
    (pixels,) = frames(folder, [{"path": "grey.tif", "style": style}])
    assert pixels.dtype == np.uint8
    assert pixels[..., 0].any()
    assert not pixels[..., 1:3].any()


STYLES = [
    {"params": {"style": {"band": 1, "palette": "#0f0"}}},
    {"params": {"style": '{"band": 1, "palette": "#0f0"}'}},
    {"params": {"style": {"band": 1, "palette": "#f00"}}, "style": {"band": 1, "palette": "#0f0"}},
    {"params": {"style": {"band": 1, "palette": "#0f0"}, "encoding": "PNG", "edge": "crop"}},
]


@pytest.mark.parametrize("style", STYLES)
def test_a_source_may_be_opened_with_a_style(folder: Path, style: dict[str, object]) -> None:
    (pixels,) = frames(folder, [{"path": "red.tif", **style}])
    assert pixels[0, 0].tolist() == [0, 200, 0]


def test_a_style_brings_alpha_only_if_it_needs_some(folder: Path) -> None:
    for palette, bands in (("#0f0", 3), (["#0f08", "#0f0"], 4)):
        with opened(folder, [{"path": "red.tif", "style": {"palette": palette}}]) as source:
            assert source.bandCount == bands


def test_the_scale_is_that_given_or_that_of_the_first_file(folder: Path) -> None:
    plain(folder / "fine.tif", smooth(64, 64), photometric="rgb", resolution=(40000, 40000),
          resolutionunit=3)  # fmt: skip
    with opened(folder, [{"path": "fine.tif"}]) as source:
        assert source.getMetadata()["mm_x"] == pytest.approx(0.00025)
    scale = {"mm_x": 0.001, "mm_y": 0.002, "magnification": 10}
    with opened(folder, [{"path": "fine.tif"}], scale=scale, tileWidth=128) as source:
        assert source.getNativeMagnification() == scale
        assert source.tileWidth == 128


def test_uniform_files_are_opened_when_they_are_needed(folder: Path) -> None:
    sources = [{"path": "red.tif"}, {"path": "green.tif"}, {"path": "lost.tif"}]
    with opened(folder, sources, uniformSources=True) as source:
        assert (source.getRegion(frame=1, format="numpy")[0] == GREEN).all()
        with pytest.raises(TileSourceError, match=r"lost\.tif"):
            source.getRegion(frame=2, format="numpy")


def test_the_synthetic_image_can_be_a_source(folder: Path) -> None:
    params = {"maxLevel": 0, "frames": "c=2", "style": {"band": 1, "palette": "#0f0"}}
    sources = [{"path": "__none__", "sourceName": "test", "params": params}]
    assert ranges(folder, sources) == {"IndexC": 2}


def test_two_synthetic_images_are_two(folder: Path) -> None:
    made = {"path": "__none__", "sourceName": "test"}
    sources = [
        made | {"z": z, "params": {"sizeX": size, "sizeY": size}}
        for z, size in enumerate((300, 600))
    ]
    with opened(folder, sources) as source:
        assert (source.sizeX, source.sizeY) == (600, 600)


def test_few_of_many_files_are_held_open(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tilesource.formats.multi._HELD_OPEN", 2)
    sources = [{"path": ".", "pathPattern": r"part_z(?P<z>\d)_c(?P<c>\d)\.tif"}]
    with opened(folder, sources) as source:
        for frame in (0, 3, 5, 0):
            source.getRegion(frame=frame, format="numpy")
        assert len(source.reader._pool._held) == 2


def test_other_folders_are_read_only_if_they_are_allowed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "inner").mkdir()
    sources = [{"path": "../red.tif"}]
    with pytest.raises(TileSourceError, match="outside of the document's folder"):
        opened(folder / "inner", sources)
    (folder / "inner" / "link.tif").symlink_to(folder / "red.tif")
    with pytest.raises(TileSourceError, match="outside of the document's folder"):
        opened(folder / "inner", [{"path": "link.tif"}])
    monkeypatch.setenv("GIRDER_TILES_OTHER_FOLDERS", f"/nowhere{os.pathsep}{folder}")
    with opened(folder / "inner", sources) as source:
        assert source.sizeX == 100


WRONG = [
    ({"sources": []}, "0 sources"),
    ({"sources": [{"path": "red.tif"}], "source": 1}, "'source' that is not known"),
    ({"sources": [{"name": "red"}]}, "a source has a path"),
    ({"sources": [{"path": "red.tif", "z": -1}]}, "z counts from 0"),
    ({"sources": [{"path": "red.tif", "z": "x"}]}, "z counts from 0"),
    ({"sources": [{"path": "red.tif", "frames": [9]}]}, "no frame 9"),
    ({"sources": [{"path": "red.tif", "zValues": 3}]}, "zValues is a list"),
    ({"sources": [{"path": "red.tif", "zValues": []}]}, "zValues has no values"),
    ({"sources": [{"path": "red.tif", "zValues": [-1]}]}, "zValues counts from 0"),
    ({"sources": [{"path": "four.tif", "framesAsAxes": {"z": 1}, "zValues": [1, 0]}]}, "at -1"),
    ({"sources": [{"path": "red.tif"}], "width": 0}, "width is a number of pixels"),
    ({"sources": [{"path": "red.tif"}], "dtype": "object"}, "dtype is one of"),
    ({"sources": [{"path": "red.tif", "position": {"scale": 0}}]}, "scale is more than 0"),
    ({"sources": [{"path": "red.tif", "position": {"s11": 0}}]}, "makes a source vanish"),
    ({"sources": [{"path": "red.tif", "position": {"x": float("nan")}}]}, "x is not nan"),
    ({"sources": [{"path": "red.tif", "params": {"url": "x"}}]}, "not opened with 'url'"),
    ({"sources": [{"path": "red.tif", "params": {"style": {"function": "os.abort"}}}]}, "function"),
    ({"sources": [{"path": ".", "pathPattern": "("}]}, "is wrong"),
    ({"sources": [{"path": ".", "pathPattern": "nothing"}]}, "no file matches"),
    ({"sources": [{"path": "red.tif", "sourceName": "nothing"}]}, "no format 'nothing'"),
    ({"sources": [{"path": "red.tif", "sourceName": ["x"]}]}, "sourceName is a short text"),
    ({"sources": [{"path": "red.tif", "z": 999_999, "t": 999_999}]}, "frames are not supported"),
    ({"sources": [{"path": "other.yaml"}]}, "may not be a source itself"),
]


@pytest.mark.parametrize(("document", "reason"), WRONG)
def test_documents_that_make_no_sense_say_why(
    folder: Path, document: dict[str, object], reason: str
) -> None:
    (folder / "other.yaml").write_text("sources: [path: red.tif]")
    (folder / "image.yaml").write_text(yaml.safe_dump(document))
    with pytest.raises(TileSourceError, match=reason) as raised:
        tilesource.open(folder / "image.yaml")
    assert "image.yaml" in str(raised.value)
