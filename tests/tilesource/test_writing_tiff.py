"""A pyramid that is written holds what it was given, for this library and for others."""

from __future__ import annotations

import dataclasses
import itertools
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import openslide
import pytest
import pyvips
import tifffile

import tilesource
from tests.tilesource.images import noise, smooth
from tests.tilesource.pictures import levels_of, picture, pixels_of, psnr
from tilesource.errors import InvalidRequest
from tilesource.formats.base import frames_of
from tilesource.geometry import Box, Scale
from tilesource.writing.codecs import Codec
from tilesource.writing.tiff import TiffOptions, write_tiff

LOSSLESS = ["none", "lzw", "deflate", "zstd", "packbits"]
KINDS = [("u1", 3), ("u1", 1), ("u1", 4), ("u2", 1), ("i2", 2), ("u4", 1), ("f4", 3), ("f8", 1)]
SCALE = Scale(magnification=20, mm_x=0.0005, mm_y=0.00025)


def options(compression: str = "deflate", tile: int = 64, quality: int = 90) -> TiffOptions:
    return TiffOptions(codec=Codec(compression=compression, quality=quality), tile_size=tile)


def values(width: int, height: int, dtype: str, bands: int) -> np.ndarray:
    return (noise(width, height, bands, "uint16") / 300).astype(dtype)


@pytest.mark.parametrize("compression", LOSSLESS)
@pytest.mark.parametrize(("dtype", "bands"), KINDS)
def test_lossless_pixels_stay_exact(
    tmp_path: Path, compression: str, dtype: str, bands: int
) -> None:
    pixels, path = values(213, 150, dtype, bands), tmp_path / "out.tif"
    write_tiff(path, picture(pixels), options(compression))
    assert np.array_equal(pixels_of(path), pixels)
    assert np.array_equal(levels_of(path)[0].reshape(pixels.shape), pixels)


@pytest.mark.parametrize(("dtype", "bands"), [("u1", 7), ("i8", 1), ("u1", 2)])
def test_unusual_pixels_are_read_by_others(tmp_path: Path, dtype: str, bands: int) -> None:
    pixels, path = values(100, 90, dtype, bands), tmp_path / "out.tif"
    write_tiff(path, picture(pixels), options())
    assert np.array_equal(levels_of(path)[0].reshape(pixels.shape), pixels)


@pytest.mark.parametrize(
    ("compression", "quality", "least"),
    [("jpeg", 75, 36), ("jpeg", 95, 42), ("webp", 80, 36), ("webp", 100, 99), ("jp2k", 90, 40),
     ("jp2k", 100, 99)],
)  # fmt: skip
def test_lossy_pixels_stay_alike(
    tmp_path: Path, compression: str, quality: int, least: float
) -> None:
    pixels, path = smooth(300, 200), tmp_path / "out.tif"
    write_tiff(path, picture(pixels), options(compression, quality=quality))
    assert psnr(pixels_of(path), pixels) >= least
    assert psnr(levels_of(path)[0], pixels) >= least


@pytest.mark.parametrize(
    ("width", "height"), [(512, 512), (513, 257), (700, 1), (1, 300), (65, 64)]
)
def test_each_level_is_the_mean_of_the_one_before(tmp_path: Path, width: int, height: int) -> None:
    write_tiff(tmp_path / "out.tif", picture(noise(width, height, 1)), options())
    levels = levels_of(tmp_path / "out.tif")
    assert max(levels[-1].shape) <= 64
    for fine, coarse in itertools.pairwise(levels):
        down, across = (max(1, side // 2) for side in fine.shape)
        assert coarse.shape == (down, across)
        whole = fine.repeat(2, 0) if fine.shape[0] == 1 else fine
        whole = whole.repeat(2, 1) if fine.shape[1] == 1 else whole
        blocks = whole[: 2 * down, : 2 * across].reshape(down, 2, across, 2)
        assert np.abs(blocks.mean((1, 3)) - coarse).max() <= 0.5


@pytest.mark.parametrize(
    ("bands", "dtype"), [(3, "u1"), (4, "u1"), (1, "u2"), (3, "i4"), (1, "i8")]
)
def test_means_are_rounded_once(tmp_path: Path, bands: int, dtype: str) -> None:
    pixels = values(200, 100, dtype, bands)
    write_tiff(tmp_path / "out.tif", picture(pixels), options(tile=112))
    exact = pixels.reshape(50, 2, 100, 2, bands).astype(float).mean((1, 3))
    assert np.abs(levels_of(tmp_path / "out.tif")[1].reshape(exact.shape) - exact).max() <= 0.5


def test_rows_and_blocks_make_the_same_file(tmp_path: Path) -> None:
    pixels = noise(2500, 1300)
    for name, in_rows in (("blocks.tif", False), ("rows.tif", True)):
        write_tiff(tmp_path / name, picture(pixels, in_rows=in_rows), options(tile=256))
    for first, second in zip(*map(levels_of, sorted(tmp_path.iterdir())), strict=True):
        assert np.array_equal(first, second)


def test_nobody_reads_on_after_a_failure(tmp_path: Path) -> None:
    pixels, reading = noise(300, 20_000, 3), []

    def read(_frame: int, box: Box) -> np.ndarray:
        reading.append(box)
        time.sleep(0.1)
        rows = pixels[box.y : box.y + box.height]
        reading.pop()
        # A type that the codec cannot store: what encodes it fails, while the next is read.
        return rows if box.y < 3000 else rows.astype(object)

    whole = dataclasses.replace(picture(pixels, in_rows=True), read=read)
    with pytest.raises(ValueError, match="not an integer") as kept:
        write_tiff(tmp_path / "out.tif", whole, options())
    assert not reading, kept  # as long as the error and all that it refers to are alive


def test_one_frame_is_a_pyramid_to_openslide_and_libvips(tmp_path: Path) -> None:
    path = tmp_path / "out.tif"
    write_tiff(path, picture(smooth(600, 400), scale=SCALE), options(tile=128))
    with openslide.OpenSlide(path) as slide:
        assert slide.level_dimensions == ((600, 400), (300, 200), (150, 100), (75, 50))
        assert float(slide.properties["openslide.mpp-x"]) == pytest.approx(0.5)
    assert pyvips.Image.tiffload(str(path), page=2).width == 150


def test_the_scale_survives(tmp_path: Path) -> None:
    write_tiff(tmp_path / "out.tif", picture(smooth(90, 70), scale=SCALE), options())
    with tilesource.open(tmp_path / "out.tif") as source:
        assert source.getNativeMagnification() == {
            "magnification": 20, "mm_x": pytest.approx(0.0005), "mm_y": pytest.approx(0.00025),
        }  # fmt: skip


@pytest.mark.parametrize("mm", [1e-8, 0.000499, 25.4, 1e5])
def test_any_scale_survives(tmp_path: Path, mm: float) -> None:
    path, scale = tmp_path / "out.tif", Scale(mm_x=mm, mm_y=mm)
    write_tiff(path, picture(smooth(20, 10), scale=scale), options())
    with tilesource.open(path) as source:
        assert source.getMetadata()["mm_x"] == pytest.approx(mm)


@pytest.mark.parametrize("axes", [{"c": 2, "z": 3}, {"z": 3, "c": 2}, {"t": 2, "c": 3}, {"z": 6}])
@pytest.mark.parametrize("bands", [1, 3])
def test_frames_survive_as_ome(tmp_path: Path, axes: dict[str, int], bands: int) -> None:
    frames, path = [noise(150, 90, bands, "uint16") for _ in range(6)], tmp_path / "out.ome.tif"
    names = ["DAPI", "µ5", "CY5"][: axes.get("c", 0)]
    write_tiff(path, picture(*frames, frames=frames_of(axes), channels=names), options())
    with tilesource.open(path) as source:
        facts = source.getMetadata()
        assert facts["IndexRange"] == {f"Index{axis.upper()}": axes[axis] for axis in axes}
        assert facts.get("channels", []) == names
    assert all(np.array_equal(pixels_of(path, n), frame) for n, frame in enumerate(frames))
    with tifffile.TiffFile(path) as tiff:
        assert tiff.is_ome
        assert len(tiff.series[0].levels) == 3
        assert np.array_equal(tiff.series[0].asarray().reshape(6, 90, 150, bands), frames)


@pytest.mark.parametrize("axes", [{"xy": 3, "z": 2}, {"dose": 2, "t": 3}])
def test_axes_without_a_name_in_ome_survive(tmp_path: Path, axes: dict[str, int]) -> None:
    frames, path = [noise(80, 70, 1) for _ in range(6)], tmp_path / "out.tif"
    write_tiff(path, picture(*frames, frames=frames_of(axes)), options())
    with tilesource.open(path) as source:
        expected = {f"Index{axis.upper()}": axes[axis] for axis in axes}
        assert source.getMetadata()["IndexRange"] == expected
    assert np.array_equal(pixels_of(path, 5), frames[5])


def test_frames_that_fill_no_grid_survive(tmp_path: Path) -> None:
    places = [{"z": 0, "c": 0}, {"z": 0, "c": 1}, {"z": 1, "c": 0}]
    write_tiff(tmp_path / "out.tif", picture(*[noise(30, 20)] * 3, frames=places), options())
    with tilesource.open(tmp_path / "out.tif") as source:
        found = [(each["IndexZ"], each["IndexC"]) for each in source.getMetadata()["frames"]]
    assert found == [(0, 0), (0, 1), (1, 0)]


@pytest.mark.parametrize("frames", [1, 2])
def test_associated_images_and_profiles_survive(tmp_path: Path, frames: int) -> None:
    label, macro, path = smooth(60, 50), noise(90, 40, 1), tmp_path / "out.tif"
    facts = {
        "associated": {"label": lambda: label, "macro": lambda: macro, "gone": lambda: None},
        "icc_profile": b"profile", "frames": frames_of({"z": frames}),
    }  # fmt: skip
    write_tiff(path, picture(*[smooth(300, 200)] * frames, **facts), options())
    with tilesource.open(path) as source:
        assert source.getAssociatedImagesList() == ["label", "macro"]
        assert np.array_equal(source.getAssociatedImage("label", format="numpy")[0], label)
        assert np.array_equal(source.getAssociatedImage("macro", format="numpy")[0], macro)
        assert source.reader.info.icc_profile == b"profile"
        assert source.frames == frames


@pytest.mark.parametrize(
    ("compression", "dtype", "bands"),
    [("jpeg", "u2", 1), ("jpeg", "u1", 4), ("webp", "u1", 1), ("jp2k", "f4", 3), ("lzw", "c8", 1)],
)
def test_pixels_that_a_compression_cannot_hold_are_refused(
    tmp_path: Path, compression: str, dtype: str, bands: int
) -> None:
    pixels = np.zeros((20, 20, bands), dtype)
    with pytest.raises(InvalidRequest, match=r"float32|uint|complex"):
        write_tiff(tmp_path / "out.tif", picture(pixels), options(compression))


def test_progress_tells_shares_up_to_one(tmp_path: Path) -> None:
    shares: list[float] = []
    write_tiff(tmp_path / "out.tif", picture(noise(3000, 2000, 1)), options(), shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(shares) > 5


# Prints by how many MB writing 300 MB of pixels raised the peak of the process's memory.
MEASURE = """
import resource, sys
from pathlib import Path
import numpy as np
from tests.tilesource.pictures import picture
from tilesource.writing.tiff import TiffOptions, write_tiff
row = np.broadcast_to(np.arange(10_000, dtype=np.uint8)[None, :, None], (10_000, 10_000, 3))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
write_tiff(Path(sys.argv[1]), picture(row), TiffOptions())
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_memory_is_bounded(tmp_path: Path) -> None:
    grown = subprocess.run(
        [sys.executable, "-c", MEASURE, tmp_path / "out.tif"],
        check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert int(grown.stdout) < 100
