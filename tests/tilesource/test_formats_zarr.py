"""Zarr: OME-NGFF and plain arrays, in folders and in zip files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import zarr

import tilesource
from tests.tilesource.images import noise, smooth
from tilesource.errors import TileSourceError, UnreadableFile
from tilesource.formats.zarr import ZarrReader

Sample = Callable[[str], Path]


def array(path: Path, values: np.ndarray, **attributes: object) -> Path:
    """Write a plain array."""
    chunks = tuple(min(size, 64) for size in values.shape)
    stored = zarr.create_array(str(path), data=values, chunks=chunks, zarr_format=2)
    stored.attrs.update(attributes)
    return path


@pytest.mark.parametrize("name", ["image.zarr", "image.zarr.zip", "image3.zarr"])
def test_ngff_tells_scale_channels_and_levels(sample: Sample, name: str) -> None:
    with tilesource.open(sample(name)) as source:
        facts = source.getMetadata()
        assert [level.width for level in source.reader.info.levels] == [300, 150]
    assert (facts["mm_x"], facts["mm_y"], facts["magnification"]) == (0.00025, 0.0005, 40)
    assert facts["IndexRange"] == {"IndexZ": 3, "IndexC": 2}
    assert facts["IndexStride"] == {"IndexZ": 2, "IndexC": 1}
    assert facts["channels"] == ["DAPI", "CY5"]


def test_the_fastest_frames_are_the_channels_whatever_the_order_stored(sample: Sample) -> None:
    path = sample("image.zarr")
    stored = zarr.open_group(str(path), mode="r")["0"][:]
    with tilesource.open(path) as source:
        for frame in range(6):
            pixels = source.getRegion(frame=frame, format="numpy")[0]
            assert np.array_equal(pixels[..., 0], stored[frame % 2, frame // 2])


@pytest.mark.parametrize("entry", [".zgroup", ".zattrs"])
def test_a_file_of_the_folder_stands_for_the_folder(sample: Sample, entry: str) -> None:
    with tilesource.open(sample("image.zarr") / entry) as source:
        assert (source.name, source.sizeX, source.frames) == ("zarr", 300, 6)


def test_a_zip_may_hold_the_hierarchy_in_a_folder(sample: Sample, tmp_path: Path) -> None:
    folder = sample("image.zarr")
    made = shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path, folder.name)
    with tilesource.open(made) as source:
        assert (source.name, source.sizeX, source.frames) == ("zarr", 300, 6)


SHAPES = [
    ((40, 50), 1, {}), ((40, 50, 3), 3, {}), ((5, 40, 50), 1, {"f": 5}),
    ((2, 5, 40, 50, 4), 4, {"g": 2, "f": 5}),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "bands", "axes"), SHAPES)
def test_the_shape_of_a_plain_array_tells_its_axes(
    tmp_path: Path, shape: tuple[int, ...], bands: int, axes: dict[str, int]
) -> None:
    values = np.arange(np.prod(shape)).reshape(shape).astype(np.uint16)
    with tilesource.open(array(tmp_path / "a.zarr", values)) as source:
        facts = source.getMetadata()
        pixels = source.getRegion(format="numpy")[0]
    assert (facts["sizeX"], facts["sizeY"], facts["bandCount"]) == (50, 40, bands)
    assert facts.get("IndexRange", {}) == {f"Index{axis.upper()}": n for axis, n in axes.items()}
    assert np.array_equal(pixels, values[(0,) * len(axes)].reshape(40, 50, bands))


def test_attributes_name_the_axes_of_a_plain_array(tmp_path: Path) -> None:
    values = noise(50, 40, 10).transpose(1, 2, 0).reshape(50, 2, 5, 40)
    path = array(tmp_path / "a.zarr", values, _ARRAY_DIMENSIONS=["x", "t", "c", "y"])
    with tilesource.open(path) as source:
        assert source.getMetadata()["IndexRange"] == {"IndexT": 2, "IndexC": 5}
        assert (source.sizeX, source.sizeY) == (50, 40)
        pixels = source.getRegion(frame=7, format="numpy")[0]
    assert np.array_equal(pixels[..., 0], values[:, 1, 2].T)


ORDERS = [
    (("p1", "time"), [0, 3, 1, 4, 2, 5]), (("time", "p1"), [0, 1, 2, 3, 4, 5]),
    (("a", "z"), [0, 1, 2, 3, 4, 5]), (("c", "xy"), [0, 3, 1, 4, 2, 5]),
    (("w", "t"), [0, 1, 2, 3, 4, 5]),
]  # fmt: skip


@pytest.mark.parametrize(("axes", "expected"), ORDERS)
def test_frames_are_counted_by_the_names_of_the_axes(
    tmp_path: Path, axes: tuple[str, str], expected: list[int]
) -> None:
    """In the order of large_image 1.35.6: c, z, t, then all others by name."""
    values = np.arange(6, dtype=np.uint8).reshape(2, 3, 1, 1).repeat(40, 2).repeat(50, 3)
    path = array(tmp_path / "a.zarr", values, _ARRAY_DIMENSIONS=[*axes, "y", "x"])
    with tilesource.open(path) as source:
        found = [source.getRegion(frame=n, format="numpy")[0][0, 0, 0] for n in range(6)]
    assert found == expected


def test_the_first_name_is_that_of_all_frames_without_channels(tmp_path: Path) -> None:
    root = zarr.open_group(str(tmp_path / "a.zarr"), mode="w", zarr_format=2)
    root.create_array("0", data=noise(50, 40, 2).transpose(2, 0, 1), chunks=(1, 40, 50))
    axes = [{"name": name} for name in "zyx"]
    root.attrs["multiscales"] = [{"axes": axes, "datasets": [{"path": "0"}]}]
    root.attrs["omero"] = {"channels": [{"label": "Band 1"}]}
    with tilesource.open(tmp_path / "a.zarr") as source:
        facts = source.getMetadata()
    assert facts["channels"] == ["Band 1"]
    assert [frame["Channel"] for frame in facts["frames"]] == ["Band 1", "Band 1"]


@pytest.mark.parametrize(("count", "bands", "frames"), [(2, 1, 2), (3, 3, 1), (4, 4, 1), (5, 1, 5)])
def test_three_or_four_channels_without_names_are_colours(
    tmp_path: Path, count: int, bands: int, frames: int
) -> None:
    values = noise(50, 40, count).transpose(2, 0, 1)
    path = array(tmp_path / "a.zarr", values, _ARRAY_DIMENSIONS=["c", "y", "x"])
    with tilesource.open(path) as source:
        assert (source.bandCount, source.frames) == (bands, frames)


def test_images_alike_are_positions(tmp_path: Path) -> None:
    root = zarr.open_group(str(tmp_path / "a.zarr"), mode="w", zarr_format=2)
    base = smooth(60, 40, 1)[..., 0]
    for place in range(2):
        group = root.create_group(str(place))
        group.create_array("0", data=base + np.uint8(place), chunks=(40, 60))
        axes = [{"name": name, "type": "space"} for name in "yx"]
        group.attrs["multiscales"] = [{"axes": axes, "datasets": [{"path": "0"}]}]
    with tilesource.open(tmp_path / "a.zarr") as source:
        assert source.getMetadata()["IndexRange"] == {"IndexXY": 2}
        values = [source.getRegion(frame=n, format="numpy")[0][0, 0, 0] for n in range(2)]
    assert values == [base[0, 0], base[0, 0] + 1]


def test_large_chunks_are_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = noise(2100, 30, 1)[..., 0]
    stored = zarr.create_array(str(tmp_path / "a.zarr"), data=values, chunks=(30, 2100))
    assert stored.chunks == (30, 2100)
    read, asked = ZarrReader.read_chunk, []
    monkeypatch.setattr(
        ZarrReader, "read_chunk", lambda *told: asked.append(told[1:]) or read(*told)
    )
    with tilesource.open(tmp_path / "a.zarr") as source:
        for left in (0, 700, 1400):
            part = source.getRegion(region={"left": left, "width": 10}, format="numpy")[0]
            assert np.array_equal(part[..., 0], values[:, left : left + 10])
    assert len(asked) == 1


WRONG = [
    {"filters": [{"id": "pickle"}]}, {"compressor": {"id": "pickle"}}, {"dtype": "|O"},
    {"dtype": "<c8"}, {"chunks": [1 << 20, 1 << 20], "shape": [1 << 20, 1 << 20]},
]  # fmt: skip


@pytest.mark.parametrize("changed", WRONG)
def test_arrays_that_are_dangerous_to_read_are_refused(
    tmp_path: Path, changed: dict[str, object]
) -> None:
    path = array(tmp_path / "a.zarr", noise(64, 64, 1)[..., 0])
    said = json.loads((path / ".zarray").read_text()) | changed
    (path / ".zarray").write_text(json.dumps(said))
    with pytest.raises(UnreadableFile, match=r"a\.zarr"):
        ZarrReader.open(path)


@pytest.mark.parametrize("path", ["../other.zarr/0", "/etc", "0/../../b"])
def test_a_level_outside_of_the_hierarchy_is_refused(sample: Sample, path: str) -> None:
    folder = sample("image.zarr")
    said = json.loads((folder / ".zattrs").read_text())
    said["multiscales"][0]["datasets"][0]["path"] = path
    (folder / ".zattrs").write_text(json.dumps(said))
    with pytest.raises(TileSourceError, match=r"image\.zarr"):
        tilesource.open(folder)


def test_a_damaged_chunk_is_an_error_that_names_the_file(sample: Sample) -> None:
    folder = sample("image.zarr")
    (folder / "0" / "0.0.0.0").write_bytes(b"nothing of use")
    with tilesource.open(folder) as source, pytest.raises(TileSourceError, match=r"image\.zarr"):
        source.getRegion(format="numpy")
