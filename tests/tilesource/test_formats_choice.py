"""Which format reads a file: the one made for it, never one that merely can."""

from __future__ import annotations

import contextlib
import importlib.metadata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tilesource
from tests.tilesource.images import SAMPLES, smooth
from tilesource import registry
from tilesource.errors import TileSourceError

Sample = Callable[[str], Path]

_READ_BY = {
    ".tif": "tiff", ".svs": "tiff", ".svslide": "openslide", ".gif": "vips", ".jpg": "vips",
    ".jp2": "pil", ".bmp": "pil", ".dzi": "deepzoom", ".zarr": "zarr", ".zip": "zarr",
    ".yaml": "multi", "": "test", ".png": "vips",
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_each_sample_is_read_by_the_format_made_for_it(sample: Sample, name: str) -> None:
    expected = "pil" if name == "animated.png" else _READ_BY[Path(name).suffix]
    with tilesource.open(sample(name)) as source:
        assert source.name == expected


@pytest.mark.parametrize("name", ["slide", "slide.dat", "slide.png", "slide.zip"])
def test_the_content_decides_where_the_name_misleads(tmp_path: Path, name: str) -> None:
    path = SAMPLES["aperio.svs"](tmp_path / "aperio.svs").rename(tmp_path / name)
    with tilesource.open(path) as source:
        assert (source.name, source.getNativeMagnification()["magnification"]) == ("tiff", 40)


def test_a_picture_with_the_name_of_a_slide_is_shown(tmp_path: Path) -> None:
    path = SAMPLES["rgb.png"](tmp_path / "rgb.png").rename(tmp_path / "slide.svs")
    with tilesource.open(path) as source:
        assert source.name == "vips"


@pytest.mark.parametrize("name", ["openslide", "vips", "pil"])
def test_what_others_can_read_they_read_when_named(sample: Sample, name: str) -> None:
    path = sample("aperio.svs" if name == "openslide" else "rgb.png")
    with contextlib.closing(registry.open_reader(path, name)) as reader:
        assert reader.name == name


@pytest.fixture
def without_zarr(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if the extra of zarr were not installed."""
    load = importlib.metadata.EntryPoint.load

    def fail_for_zarr(entry: importlib.metadata.EntryPoint) -> object:
        if entry.name == "zarr":
            raise ModuleNotFoundError("No module named 'zarr'")
        return load(entry)

    monkeypatch.setattr(importlib.metadata.EntryPoint, "load", fail_for_zarr)
    _forget_formats()
    yield
    monkeypatch.undo()
    _forget_formats()


def _forget_formats() -> None:
    for known in (registry._load, registry.formats, registry.missing_formats):
        known.cache_clear()


@pytest.mark.usefixtures("without_zarr")
def test_a_format_without_its_extra_is_skipped_and_says_so(sample: Sample) -> None:
    path = sample("image.zarr.zip")
    assert "zarr" not in registry.formats()
    assert not tilesource.canRead(path)
    with pytest.raises(TileSourceError, match="zarr is not installed: No module named 'zarr'"):
        registry.open_reader(path, "zarr")
    with tilesource.open(sample("rgb.png")) as source:
        assert source.sizeX == 500


def test_a_name_that_is_no_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(smooth(2, 2).tobytes())
    with pytest.raises(TileSourceError, match="no format 'nothing'"):
        registry.open_reader(path, "nothing")
