"""Where an image may not name other files, none is read through it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile

import tilesource
from tests.tilesource.images import noise, save
from tilesource.config import setConfig
from tilesource.errors import TileSourceError


@pytest.fixture
def _alone() -> Iterator[None]:
    setConfig("allow_other_files", False)
    yield
    setConfig("allow_other_files", None)


def write_multi(folder: Path) -> Path:
    """Write a description that shows somebody else's image, as an assetstore names files."""
    save(noise(40, 30), folder / "secret.png").rename(folder / "9b71d2")
    path = folder / "a0ff31"
    path.write_text("sources:\n  - path: 9b71d2\n")
    return path


def write_ome(folder: Path) -> Path:
    """Write an OME-TIFF of two planes, the second of which is another file's."""
    planes = noise(64, 48, 2).transpose(2, 0, 1)
    tifffile.imwrite(folder / "secret.tif", planes[1])
    tifffile.imwrite(folder / "a.ome.tif", planes, metadata={"axes": "ZYX"})
    with tifffile.TiffFile(folder / "a.ome.tif") as tiff:
        text = tiff.ome_metadata
    assert text is not None
    second = '<TiffData IFD="0" FirstZ="1" PlaneCount="1"><UUID FileName="secret.tif">u</UUID>'
    whole = '<TiffData IFD="0" PlaneCount="2"/>'
    assert whole in text
    told = text.replace(whole, f'<TiffData IFD="0" FirstZ="0" PlaneCount="1"/>{second}</TiffData>')
    tifffile.imwrite(folder / "a.ome.tif", planes[0], description=told, metadata=None)
    return folder / "a.ome.tif"


def test_a_description_of_files_is_read_where_it_may_be(tmp_path: Path) -> None:
    with tilesource.open(write_multi(tmp_path), source="multi") as source:
        assert (source.sizeX, source.sizeY) == (40, 30)


@pytest.mark.usefixtures("_alone")
def test_a_description_of_other_files_is_refused(tmp_path: Path) -> None:
    path = write_multi(tmp_path)
    assert not tilesource.canRead(path)
    with pytest.raises(TileSourceError, match="not allowed"):
        tilesource.open(path, source="multi")


def test_a_plane_is_read_from_another_file_where_it_may_be(tmp_path: Path) -> None:
    path = write_ome(tmp_path)
    with tilesource.open(path) as source:
        plane, _ = source.getRegion(frame=1, format="numpy")
    assert np.array_equal(plane[..., 0], tifffile.imread(tmp_path / "secret.tif"))


@pytest.mark.usefixtures("_alone")
def test_no_plane_is_read_from_another_file(tmp_path: Path) -> None:
    path = write_ome(tmp_path)
    secret = tifffile.imread(tmp_path / "secret.tif")
    try:
        with tilesource.open(path, noCache=True) as source:
            planes = [source.getRegion(frame=z, format="numpy")[0] for z in range(source.frames)]
    except TileSourceError:
        planes = []
    assert not any(np.array_equal(plane[..., 0], secret) for plane in planes)


@pytest.mark.usefixtures("_alone")
@pytest.mark.parametrize("way", ["whole path", "working folder"])
def test_an_ome_tiff_shows_no_file_that_it_names_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    path, secret = write_ome(tmp_path), tmp_path / "elsewhere" / "secret.tif"
    secret.parent.mkdir()
    (tmp_path / "secret.tif").rename(secret)
    monkeypatch.chdir(secret.parent)
    if way == "whole path":
        with tifffile.TiffFile(path) as tiff:
            text = str(tiff.ome_metadata).replace("secret.tif", str(secret))
            pixels = tiff.pages.first.asarray()
        tifffile.imwrite(path, pixels, description=text, metadata=None)
    with tilesource.open(path, noCache=True) as source:
        shown = source.getRegion(format="numpy", frame=source.frames - 1)[0][..., 0]
    assert not np.array_equal(shown, tifffile.imread(secret))
