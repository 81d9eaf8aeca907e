"""Images become pyramids that need no conversion, and lose nothing that they should keep."""

from __future__ import annotations

import os
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
from tests.tilesource.pictures import pixels_of, psnr
from tilesource.conversion import (
    ConversionOptions,
    assess,
    assessment,
    check_readable,
    convert,
)
from tilesource.errors import ConversionCanceled, DamagedFile, InvalidRequest, TileSourceError

# Prints by how many MB converting raised the peak of the process's memory.
MEASURE = """
import resource, sys
from tilesource.conversion import convert
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
convert(sys.argv[1], sys.argv[2])
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def write_damaged(path: Path, damaged: int) -> None:
    """Write a pyramid of two levels, some of which, the coarse one first, cannot be decoded."""
    with tifffile.TiffWriter(path) as tiff:
        for step in (1, 2):
            pixels = noise(256, 256)[::step, ::step]
            kind = {"subfiletype": int(step > 1), "metadata": None}
            tiff.write(pixels, tile=(64, 64), compression="zlib", **kind)
    with tifffile.TiffFile(path) as tiff, path.open("r+b") as file:
        for page in [*tiff.pages][::-1][:damaged]:
            file.seek(page.dataoffsets[0])
            file.write(bytes(64))


def test_one_level_that_can_be_read_is_enough(tmp_path: Path) -> None:
    write_damaged(tmp_path / "one.tif", 1)
    with tilesource.open(tmp_path / "one.tif") as source:
        check_readable(source)
    write_damaged(tmp_path / "both.tif", 2)
    with tilesource.open(tmp_path / "both.tif") as source:
        assert len(source.reader.info.levels) == 2
        with pytest.raises(DamagedFile, match=r"both\.tif is damaged"):
            check_readable(source)


def test_what_takes_long_to_read_is_taken_on_trust(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.fromarray(noise(100, 80)).save(tmp_path / "half.png")
    os.truncate(tmp_path / "half.png", 9000)
    with tilesource.open(tmp_path / "half.png") as source:
        with pytest.raises(DamagedFile):
            check_readable(source)
        monkeypatch.setattr(assessment, "SMALL", 16)
        check_readable(source)


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
    assert psnr(pixels_of(tmp_path / "out.tif"), pixels_of(original)) >= 38
    with tilesource.open(tmp_path / "out.tif") as source:
        assert all(source.raw_tile(0, 0, z) for z in range(source.levels))


def test_progress_rises_to_the_end(tmp_path: Path) -> None:
    steps: list[float] = []
    convert(
        save(smooth(3000, 2000), tmp_path / "a.png", compression=1),
        tmp_path / "b.tif",
        progress=steps.append,
    )
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
    with pytest.raises(DamagedFile, match=r"cut\.png is damaged"):
        convert(path, tmp_path / "out.tif")
    assert [path.name for path in tmp_path.iterdir()] == ["cut.png"]


def test_memory_is_bounded(tmp_path: Path) -> None:
    large = save(np.tile(smooth(1000, 1000), (8, 10, 1)), tmp_path / "large.png", compression=1)
    grown = subprocess.run(
        [sys.executable, "-c", MEASURE, large, tmp_path / "out.tif"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert int(grown.stdout) < 150  # of the 240 MB that the pixels are


def facts_of(path: Path) -> dict[str, object]:
    """Return what a file tells, but for its tiles."""
    with tilesource.open(path) as source:
        facts = source.getMetadata() | {"associated": source.getAssociatedImagesList()}
    return {key: facts[key] for key in facts if key not in ("levels", "tileWidth", "tileHeight")}


def test_no_frame_is_lost_by_converting(sample: Callable[[str], Path], tmp_path: Path) -> None:
    original, result = sample("planes.ome.tif"), tmp_path / "out.tif"
    convert(original, result)
    assert facts_of(result) == facts_of(original)
    for frame in range(6):
        assert np.array_equal(pixels_of(result, frame), pixels_of(original, frame))


def test_chosen_frames_keep_their_channels(sample: Callable[[str], Path], tmp_path: Path) -> None:
    original, result = sample("planes.ome.tif"), tmp_path / "out.tif"
    convert(original, result, ConversionOptions(frames=(4, 5)))
    facts = facts_of(result)
    assert (facts["IndexRange"], facts["channels"]) == ({"IndexZ": 2}, ["CY5"])
    assert np.array_equal(pixels_of(result, 1), pixels_of(original, 5))
    with pytest.raises(InvalidRequest, match="frame 6"):
        convert(original, result, ConversionOptions(frames=(6,)))


def test_a_slide_keeps_its_facts_and_its_tiles(
    sample: Callable[[str], Path], tmp_path: Path
) -> None:
    original, result = sample("aperio.svs"), tmp_path / "out.tif"
    convert(original, result, ConversionOptions(tile_size=112))
    assert facts_of(result) == facts_of(original)
    assert facts_of(result)["associated"] == ["label", "macro", "thumbnail"]
    with tilesource.open(original) as before, tilesource.open(result) as after:
        assert after.reader.raw_tile(0, 0, 1, 1) == before.reader.raw_tile(0, 0, 1, 1)
    with tifffile.TiffFile(result) as tiff:
        assert not tiff.is_svs


def test_a_label_can_be_left_behind(sample: Callable[[str], Path], tmp_path: Path) -> None:
    convert(sample("aperio.svs"), tmp_path / "out.tif", ConversionOptions(associated=False))
    assert facts_of(tmp_path / "out.tif")["associated"] == []


@pytest.mark.parametrize("name", ["jpeg-pyramid.tif", "planar.tif", "palette.tif", "one.png"])
def test_any_readable_image_converts(
    sample: Callable[[str], Path], tmp_path: Path, name: str
) -> None:
    original, result = sample(name), tmp_path / "out.tif"
    convert(original, result, ConversionOptions(tile_size=128))
    assert psnr(pixels_of(result), pixels_of(original)) > 38


def test_an_image_on_its_side_is_converted_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    for orientation in (3, 6):
        exif[0x0112] = orientation
        Image.fromarray(smooth(900, 600)).save(tmp_path / "photo.jpg", exif=exif, quality=95)
        convert(tmp_path / "photo.jpg", tmp_path / "out.tif", ConversionOptions(compression="lzw"))
        original = pixels_of(tmp_path / "photo.jpg")
        assert np.array_equal(pixels_of(tmp_path / "out.tif"), original)


def test_jpeg_shows_what_is_transparent_on_white(tmp_path: Path) -> None:
    clear = save(np.zeros((40, 40, 4), np.uint8), tmp_path / "clear.png")
    convert(clear, tmp_path / "out.tif", ConversionOptions(compression="jpeg"))
    assert pixels_of(tmp_path / "out.tif").shape == (40, 40, 3)
    assert pixels_of(tmp_path / "out.tif").min() >= 254


def test_what_jpeg_cannot_hold_is_refused(sample: Callable[[str], Path], tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="uint8, not 1 bands of uint16"):
        convert(sample("strips.tif"), tmp_path / "out.tif", ConversionOptions(compression="jpeg"))
    assert not (tmp_path / "out.tif").exists()


def test_an_image_is_replaced_by_its_own_conversion(tmp_path: Path) -> None:
    path = save(noise(300, 200), tmp_path / "same.tif")
    before = pixels_of(path)
    convert(path, path)
    assert np.array_equal(pixels_of(path), before)


def test_a_place_that_cannot_be_written_is_a_sentence(
    sample: Callable[[str], Path], tmp_path: Path
) -> None:
    original = sample("rgb.png")
    (tmp_path / "folder").mkdir()
    with pytest.raises(TileSourceError, match=r"out\.tif cannot be written: No such file"):
        convert(original, tmp_path / "nowhere" / "out.tif")
    with pytest.raises(TileSourceError, match="folder cannot be written: it is a folder"):
        convert(original, tmp_path / "folder")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "rgb.png"]


FULL = """
import resource, sys
from tilesource.conversion import convert
from tilesource.errors import TileSourceError
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    convert(sys.argv[1], sys.argv[2])
except TileSourceError as exc:
    print(exc)
"""


def test_a_full_disk_is_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    original = save(noise(600, 600), tmp_path / "large.png")
    said = subprocess.run(
        [sys.executable, "-c", FULL, original, tmp_path / "out.tif"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert said.stdout == "out.tif cannot be written: File too large\n"
    assert [path.name for path in tmp_path.iterdir()] == ["large.png"]


@pytest.mark.parametrize(
    "wrong",
    [{"compression": "zip"}, {"quality": 0}, {"quality": 101}, {"tile_size": 100}, {"frames": ()}],
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
def test_a_pyramid_is_not_described_as_its_original(
    tmp_path: Path, options: dict[str, object]
) -> None:
    path = tmp_path / "plane.tif"
    tifffile.imwrite(path, noise(1000, 600, 1)[..., 0], **options)
    with tilesource.open(path) as source:
        scale = source.getNativeMagnification()
    convert(path, tmp_path / "out.tif")
    with tilesource.open(tmp_path / "out.tif") as source:
        assert (source.name, source.frames) == ("tiff", 1)
        assert not assess(source, small=256).needed
        assert source.getNativeMagnification() == pytest.approx(scale)


def test_a_line_becomes_a_pyramid_that_is_good_enough(tmp_path: Path) -> None:
    path = save(noise(9000, 1, 1), tmp_path / "line.png")
    convert(path, tmp_path / "out.tif")
    with tilesource.open(tmp_path / "out.tif") as source:
        assert not assess(source).needed
