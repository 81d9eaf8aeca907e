"""A zarr that is written is read alike by this library and by zarr's own."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import zarr

import tilesource
from tests.tilesource.images import noise
from tests.tilesource.pictures import picture, pixels_of
from tilesource.errors import InvalidRequest
from tilesource.formats.base import frames_of
from tilesource.geometry import Scale
from tilesource.writing.zarr import write_zarr


@pytest.mark.parametrize("name", ["out.zarr", "out.zarr.zip"])
@pytest.mark.parametrize(("dtype", "bands"), [("uint8", 3), ("uint16", 1), ("int16", 2)])
def test_pixels_and_levels_stay_exact(tmp_path: Path, name: str, dtype: str, bands: int) -> None:
    pixels, path = noise(1100, 700, bands, dtype), tmp_path / name
    write_zarr(path, picture(pixels))
    assert np.array_equal(pixels_of(path), pixels)
    store = zarr.storage.ZipStore(path, mode="r") if path.suffix == ".zip" else path
    group = zarr.open_group(store, mode="r")
    assert np.array_equal(group["0"][:], pixels)
    assert [group[str(level)].shape[:2] for level in range(3)] == [
        (700, 1100),
        (350, 550),
        (175, 275),
    ]


def test_frames_scale_and_channels_survive(tmp_path: Path) -> None:
    frames, path = [noise(90, 60, 1, "uint16") for _ in range(6)], tmp_path / "out.zarr"
    facts = {"frames": frames_of({"c": 2, "dose": 3}), "channels": ["DAPI", "CY5"]}
    write_zarr(path, picture(*frames, scale=Scale(mm_x=0.0005, mm_y=0.00025), **facts))
    with tilesource.open(path) as source:
        told = source.getMetadata()
        assert told["IndexRange"] == {"IndexC": 2, "IndexDOSE": 3}
        assert told["channels"] == ["DAPI", "CY5"]
        assert (told["mm_x"], told["mm_y"]) == pytest.approx((0.0005, 0.00025))
        for number, frame in enumerate(frames):
            place = source.axesToFrame(c=number // 3, dose=number % 3)
            assert np.array_equal(pixels_of(path, place), frame)


def test_the_axes_are_told_as_ngff_has_them(tmp_path: Path) -> None:
    write_zarr(
        tmp_path / "out.zarr", picture(noise(20, 10), noise(20, 10), frames=frames_of({"t": 2}))
    )
    told = json.loads((tmp_path / "out.zarr" / ".zattrs").read_text())["multiscales"][0]
    assert [(axis["name"], axis["type"]) for axis in told["axes"]] == [
        ("t", "time"), ("y", "space"), ("x", "space"), ("s", "channel"),
    ]  # fmt: skip
    assert told["datasets"][0]["coordinateTransformations"][0]["scale"] == [1, 1, 1, 1]


def test_frames_that_fill_no_grid_are_refused(tmp_path: Path) -> None:
    holes = [{"z": 0, "c": 0}, {"z": 1, "c": 1}]
    with pytest.raises(InvalidRequest, match="all places"):
        write_zarr(tmp_path / "out.zarr", picture(noise(9, 9), noise(9, 9), frames=holes))
