"""Images become pyramids that need no conversion, and lose nothing that they should keep."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

import tilesource
from tests.tilesource.images import noise, save, smooth
from tilesource.conversion import ConversionOptions, assess, convert
from tilesource.errors import ConversionCanceled, DamagedFile, InvalidRequest, TileSourceError

# Prints by how many MB converting raised the peak of the process's memory.
MEASURE = """
import resource, sys
from tilesource.conversion import convert
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
convert(sys.argv[1], sys.argv[2])
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def pixels_of(path: Path) -> np.ndarray:
    with tilesource.open(path) as source:
        return source.getRegion(format="numpy")[0]


@pytest.mark.parametrize("small", [256, 4096])
def test_only_what_is_large_and_flat_needs_conversion(
    sample: Callable[[str], Path], small: int
) -> None:
    needed = {}
    flat = ("rgb.png", "strips.tif", "photo.jpg")
    for name in ("jpeg-pyramid.tif", "lossless-pyramid.tif", *flat):
        with tilesource.open(sample(name)) as source:
            needed[name] = assess(source, small).needed
    expected = set(flat) if small == 256 else set()
    assert {name for name, is_needed in needed.items() if is_needed} == expected


@pytest.mark.parametrize("name", ["rgb.png", "alpha.png", "grey16.png", "strips.tif", "float.tif"])
def test_lossless_images_stay_exact(
    sample: Callable[[str], Path], tmp_path: Path, name: str
) -> None:
    original, result = sample(name), tmp_path / "out.tif"
    convert(original, result)
    assert np.array_equal(pixels_of(result), pixels_of(original))
    with tilesource.open(result) as source:
        assert source.name == "tiff"
        assert not assess(source, small=256).needed


def test_photos_stay_alike_and_are_sent_as_stored(tmp_path: Path) -> None:
    original = save(smooth(1500, 1100), tmp_path / "photo.jpg", Q=92)
    convert(original, tmp_path / "out.tif")
    error = pixels_of(tmp_path / "out.tif").astype(float) - pixels_of(original)
    assert 10 * np.log10(255**2 / (error**2).mean()) >= 38
    with tilesource.open(tmp_path / "out.tif") as source:
        assert all(source.raw_tile(0, 0, z) for z in range(source.levels))


def test_progress_rises_to_the_end(sample: Callable[[str], Path], tmp_path: Path) -> None:
    steps: list[float] = []
    convert(sample("rgb.png"), tmp_path / "out.tif", progress=steps.append)
    assert steps == sorted(steps)
    assert steps[-1] == 1
    assert len(steps) > 5


def test_a_canceled_conversion_leaves_nothing(tmp_path: Path) -> None:
    original = save(noise(600, 3000), tmp_path / "large.png")
    with pytest.raises(ConversionCanceled):
        convert(original, tmp_path / "out.tif", canceled=lambda: True)
    assert [path.name for path in tmp_path.iterdir()] == ["large.png"]


def test_a_broken_image_is_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    path = save(noise(600, 600), tmp_path / "cut.png")
    path.write_bytes(path.read_bytes()[:200_000])
    with pytest.raises(DamagedFile, match=r"cut\.png is damaged or incomplete \(.*png"):
        convert(path, tmp_path / "out.tif")
    assert [path.name for path in tmp_path.iterdir()] == ["cut.png"]


def test_memory_is_bounded(tmp_path: Path) -> None:
    large = save(np.tile(smooth(1000, 1000), (8, 10, 1)), tmp_path / "large.png", compression=1)
    grown = subprocess.run(
        [sys.executable, "-c", MEASURE, large, tmp_path / "out.tif"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert int(grown.stdout) < 150  # of the 240 MB that the pixels are


def test_no_frame_is_lost_by_converting(sample: Callable[[str], Path], tmp_path: Path) -> None:
    path = sample("planes.ome.tif")
    with tilesource.open(path) as source:
        assert not assess(source, small=64).needed
    with pytest.raises(TileSourceError, match="6 frames"):
        convert(path, tmp_path / "out.tif")


@pytest.mark.parametrize(
    "wrong", [{"compression": "zip"}, {"quality": 0}, {"quality": 101}, {"tile_size": 100}]
)
def test_options_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest):
        ConversionOptions(**wrong)


def test_a_photo_that_lies_on_its_side_is_set_upright(tmp_path: Path) -> None:
    path, exif = tmp_path / "phone.jpg", Image.Exif()
    exif[0x0112] = 6  # to be turned right by 90 degrees
    Image.fromarray(smooth(1500, 1100)).save(path, exif=exif, quality=92)
    convert(path, tmp_path / "out.tif")
    with tilesource.open(tmp_path / "out.tif") as source:
        assert (source.sizeX, source.sizeY) == (1100, 1500)


@pytest.mark.parametrize(
    "options",
    [
        {"metadata": {"axes": "YX"}},
        {"imagej": True},
        {"ome": True, "metadata": {"PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5}},
    ],
)
def test_a_pyramid_is_not_described_as_its_original(tmp_path: Path, options: dict) -> None:
    path = tmp_path / "plane.tif"
    tifffile.imwrite(path, noise(1000, 600, 1)[..., 0], **options)
    with tilesource.open(path) as source:
        scale = source.getNativeMagnification()
    convert(path, tmp_path / "out.tif")
    with tilesource.open(tmp_path / "out.tif") as source:
        assert (source.name, source.frames) == ("tiff", 1)
        assert not assess(source, small=256).needed
        assert source.getNativeMagnification() == pytest.approx(scale)


def test_what_would_take_too_much_memory_is_refused(tmp_path: Path) -> None:
    path, tiles = tmp_path / "wide.tif", -(-600_000 // 4096)
    with tifffile.TiffWriter(path) as tiff:
        tiff.write(
            iter([b""] * tiles), shape=(4096, 600_000), dtype="u1", tile=(4096, 4096),
            compression="deflate", photometric="minisblack", metadata=None,
        )  # fmt: skip
    with pytest.raises(TileSourceError, match="bytes of memory"):
        convert(path, tmp_path / "out.tif")
