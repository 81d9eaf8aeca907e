"""What single formats tell, beyond what all of them promise."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

import tilesource
from tests.tilesource.images import noise, save, smooth
from tilesource.errors import DamagedFile, TileSourceError, TileSourceFileNotFoundError
from tilesource.formats.tiff_page import TiffPage

Sample = Callable[[str], Path]


def test_aperio_tells_its_scale_and_images(sample: Sample) -> None:
    with tilesource.open(sample("aperio.svs")) as source:
        facts = source.getMetadata()
        assert (facts["magnification"], facts["mm_x"], facts["mm_y"]) == (40, 0.00025, 0.00025)
        assert source.getAssociatedImagesList() == ["label", "macro", "thumbnail"]
        sizes = {
            name: source.getAssociatedImage(name, format="numpy")[0].shape
            for name in source.getAssociatedImagesList()
        }
    assert sizes == {"label": (50, 60, 3), "macro": (40, 90, 3), "thumbnail": (50, 75, 3)}


def test_the_real_slide_reports_its_facts(sample_data: Path | None, sample: Sample) -> None:
    path = sample_data / "CMU-1-Small-Region.svs" if sample_data else sample("aperio.svs")
    size = (2220, 2967, 240, 20.0) if sample_data else (600, 400, 112, 40.0)
    with tilesource.open(path) as source:
        facts = source.getMetadata()
        keys = ("sizeX", "sizeY", "tileWidth", "magnification")
        assert tuple(facts[key] for key in keys) == size
        assert source.getAssociatedImagesList() == ["label", "macro", "thumbnail"]


def test_an_associated_image_is_made_smaller_on_request(sample: Sample) -> None:
    with tilesource.open(sample("aperio.svs")) as source:
        data, mime = source.getAssociatedImage("macro", width=45, encoding="PNG")
        assert source.getAssociatedImage("nothing") is None
    with Image.open(io.BytesIO(data)) as image:
        assert (image.size, mime) == ((45, 20), "image/png")


def test_rewritten_slides_keep_all_their_levels(tmp_path: Path) -> None:
    base, path = smooth(800, 512), tmp_path / "rewritten.svs"
    with tifffile.TiffWriter(path) as tiff:
        for step in (1, 2, 4, 8):
            note = "Aperio|AppMag = 20" if step == 1 else None
            level = np.ascontiguousarray(base[::step, ::step])
            tiff.write(level, tile=(64, 64), photometric="rgb", description=note, metadata=None)
    with tilesource.open(path) as source:
        assert [level.width for level in source.reader.info.levels] == [800, 400, 200, 100]
        assert source.getAssociatedImagesList() == []


def test_ome_frames_have_axes_and_names(sample: Sample) -> None:
    with tilesource.open(sample("planes.ome.tif")) as source:
        facts = source.getMetadata()
    assert facts["IndexRange"] == {"IndexC": 2, "IndexZ": 3}
    assert facts["IndexStride"] == {"IndexC": 3, "IndexZ": 1}
    assert facts["channels"] == ["DAPI", "CY5"]
    assert facts["frames"][4] == {
        "Frame": 4, "Index": 4, "IndexC": 1, "IndexZ": 1, "IndexT": 0, "Channel": "CY5",
    }  # fmt: skip
    assert facts["mm_x"] == pytest.approx(facts["mm_y"]) == pytest.approx(0.0005)


def test_frames_differ(sample: Sample) -> None:
    path = sample("planes.ome.tif")
    stored = tifffile.imread(path).reshape(6, 200, 300)
    with tilesource.open(path) as source:
        for frame in range(6):
            pixels, _ = source.getRegion(frame=frame, format="numpy")
            assert np.array_equal(pixels[..., 0], stored[frame])


def test_photos_are_shown_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side
    Image.fromarray(smooth(60, 40)).save(tmp_path / "photo.jpg", exif=exif)
    with tilesource.open(tmp_path / "photo.jpg") as source:
        assert (source.sizeX, source.sizeY) == (40, 60)


def test_print_colours_become_rgb(tmp_path: Path) -> None:
    Image.fromarray(noise(50, 40, 4), "CMYK").save(tmp_path / "print.jpg")
    with tilesource.open(tmp_path / "print.jpg") as source:
        assert source.getRegion(format="numpy")[0].shape == (40, 50, 3)


def test_a_path_with_brackets_is_only_a_path(tmp_path: Path) -> None:
    image = save(noise(20, 10), tmp_path / "plain.png")
    with tilesource.open(image.rename(tmp_path / "a[page=3].png")) as source:
        assert source.sizeX == 20


@pytest.mark.parametrize("name", ["a.tif", "a.png", "a.svs", "a", "a.csv"])
@pytest.mark.parametrize("content", [b"", b"II", b"just, some\nwords, here\n", b"II*\0" + bytes(4)])
def test_what_is_no_image_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert not tilesource.canRead(path)
    with pytest.raises(TileSourceError, match=name):
        tilesource.open(path)


def test_a_truncated_slide_is_refused(sample: Sample) -> None:
    path = sample("aperio.svs")
    content = path.read_bytes()
    for length in range(8, len(content), len(content) // 40):
        path.write_bytes(content[:length])
        with pytest.raises(TileSourceError, match=r"aperio\.svs"):
            tilesource.open(path)


def test_a_damaged_tile_is_an_error_that_names_it(sample: Sample) -> None:
    path = sample("lossless-pyramid.tif")
    with tifffile.TiffFile(path) as tiff:
        offset = tiff.pages[0].dataoffsets[0]
    content = bytearray(path.read_bytes())
    content[offset : offset + 64] = bytes(64)
    path.write_bytes(content)
    with tilesource.open(path) as source, pytest.raises(DamagedFile, match="damaged"):
        source.getTile(0, 0, source.levels - 1)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(TileSourceFileNotFoundError, match=r"nowhere\.tif"):
        tilesource.open(tmp_path / "nowhere.tif")
    with pytest.raises(FileNotFoundError):
        tilesource.open(tmp_path / "nowhere.tif")


def test_a_stored_tile_that_a_browser_shows_is_not_decoded(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("decoded")

    with tilesource.open(sample("jpeg-pyramid.tif")) as source:
        monkeypatch.setattr(TiffPage, "decode", refuse)
        for z in range(source.levels):
            assert source.getTile(0, 0, z).startswith(b"\xff\xd8")
        with pytest.raises(AssertionError, match="decoded"):
            source.getTile(0, 0, 0, numpyAllowed=True)
