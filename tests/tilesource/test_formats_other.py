"""Pictures of Pillow, slides of OpenSlide, Deep Zoom folders and the synthetic image."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import openslide
import pytest
import tifffile
from PIL import Image

import tilesource
from tests.tilesource.images import SAMPLES, noise, plain, smooth
from tilesource.errors import DamagedFile, InvalidRequest, TileSourceError, UnreadableFile
from tilesource.formats.deepzoom import DeepZoomReader
from tilesource.formats.openslide import OpenSlideReader, _opaque
from tilesource.formats.pil import PilReader
from tilesource.formats.test import TestReader as SyntheticReader

Sample = Callable[[str], Path]


def read_whole(reader: tilesource.formats.base.Reader, frame: int = 0) -> np.ndarray:
    base = reader.info.levels[0]
    return reader.read(0, frame, 0, 0, base.width, base.height)


MODES = [("1", 1, "uint8"), ("L", 1, "uint8"), ("LA", 2, "uint8"), ("RGB", 3, "uint8"),
         ("RGBA", 4, "uint8"), ("P", 3, "uint8"), ("I;16", 1, "uint16"),
         ("F", 1, "float32"), ("CMYK", 3, "uint8")]  # fmt: skip


@pytest.mark.parametrize(("mode", "bands", "dtype"), MODES)
def test_pillow_modes_become_bands(tmp_path: Path, mode: str, bands: int, dtype: str) -> None:
    form = {"F": "SPIDER", "CMYK": "JPEG"}.get(mode, "PNG")
    image = Image.fromarray(smooth(40, 30)).convert("L" if mode[0] in "IF" else "RGB")
    image.convert(mode).save(tmp_path / "a", form)
    reader = PilReader.open(tmp_path / "a")
    assert (reader.info.bands, str(reader.info.dtype)) == (bands, dtype)
    assert read_whole(reader).shape == (30, 40, bands)
    reader.close()


def test_pillow_shows_a_palette_with_transparency_as_rgba(tmp_path: Path) -> None:
    image = Image.fromarray(smooth(40, 30)).convert("P")
    image.save(tmp_path / "a.png", transparency=3)
    reader = PilReader.open(tmp_path / "a.png")
    assert reader.info.bands == 4
    reader.close()


def test_pillow_reads_the_frames_of_an_animation_in_any_order(sample: Sample) -> None:
    reader = PilReader.open(sample("animated.png"))
    for frame in (2, 0, 1, 0):
        expected = np.roll(smooth(120, 90), 9 * frame, 0)
        assert np.array_equal(read_whole(reader, frame), expected)
    reader.close()


def stereo(path: Path, *pictures: np.ndarray) -> Path:
    """Write a JPEG of several pictures, as cameras with two lenses and phones do."""
    first, *others = (Image.fromarray(pixels) for pixels in pictures)
    first.save(path, "MPO", save_all=True, append_images=others, quality=95)
    return path


@pytest.mark.parametrize("unlike", [smooth(60, 45), smooth(120, 90)[..., 0].copy()])
def test_the_pictures_alike_of_a_jpeg_are_frames(tmp_path: Path, unlike: np.ndarray) -> None:
    base = smooth(120, 90)
    with tilesource.open(stereo(tmp_path / "a.jpg", base, unlike, 255 - base)) as source:
        frames = source.getMetadata()["frames"]
        shown = [source.getRegion(frame=frame, format="numpy")[0] for frame in (1, 0)]
    assert frames == [{"Frame": 0, "Index": 0}, {"Frame": 1, "Index": 1}]
    assert np.abs(shown[0] - (255.0 - base)).mean() < 2 > np.abs(shown[1] - 1.0 * base).mean()


@pytest.mark.parametrize("cut", [0, 5])
def test_a_picture_whose_others_are_lost_or_smaller_is_one_frame(tmp_path: Path, cut: int) -> None:
    base = smooth(120, 90)
    path = stereo(tmp_path / "a.jpg", base, base if cut else base[::2, ::2])
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"\xff\xd8\xff") + cut] if cut else data)
    with tilesource.open(path) as source:
        assert (source.name, len(source.reader.info.frames)) == ("vips", 1)


def test_pillow_refuses_what_is_too_large_to_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tilesource.formats.pil._MOST_PIXELS", 1000)
    Image.new("L", (40, 30)).save(tmp_path / "a.bmp")
    with pytest.raises(UnreadableFile, match=r"a\.bmp .* 40 x 30 pixels"):
        PilReader.open(tmp_path / "a.bmp")


def test_pillow_says_that_a_cut_picture_is_damaged(sample: Sample) -> None:
    path = sample("picture.bmp")
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(DamagedFile, match=r"picture\.bmp is damaged"):
        PilReader.open(path)


def test_openslide_and_tiff_show_the_same_slide(sample: Sample) -> None:
    path = sample("slide.svslide")
    expected = openslide.OpenSlide(path)
    with tilesource.open(path) as source, tilesource.open(sample("aperio.svs")) as other:
        assert source.name == "openslide"
        for key in ("sizeX", "sizeY", "tileWidth", "levels", "magnification", "mm_x", "bandCount"):
            assert source.getMetadata()[key] == other.getMetadata()[key]
        assert source.getAssociatedImagesList() == other.getAssociatedImagesList()
        pixels = source.getRegion(format="numpy")[0]
        label = source.getAssociatedImage("label", format="numpy")[0]
    with expected:
        shown = np.asarray(expected.read_region((0, 0), 0, expected.dimensions))[..., :3]
        assert np.array_equal(pixels, shown)
        assert label.shape[1::-1] == expected.associated_images["label"].size


def test_openslide_shows_glass_in_the_colour_of_the_slide() -> None:
    image = Image.new("RGBA", (4, 2), (10, 20, 30, 0))
    image.putpixel((1, 1), (10, 20, 30, 255))
    pixels = _opaque(image, (240, 250, 245))
    assert pixels[0, 0].tolist() == [240, 250, 245]
    assert pixels[1, 1].tolist() == [10, 20, 30]


def test_openslide_refuses_a_picture(sample: Sample) -> None:
    with pytest.raises(UnreadableFile, match=r"rgb\.png is not a slide"):
        OpenSlideReader.open(sample("rgb.png"))


def test_deep_zoom_is_the_image_that_was_cut_up(sample: Sample) -> None:
    path = sample("zoom.dzi")
    with tilesource.open(path) as source:
        assert (source.name, source.tileWidth) == ("deepzoom", 126)
        assert np.array_equal(source.getRegion(format="numpy")[0], smooth(500, 400))
        assert [level.width for level in source.reader.info.levels[:3]] == [500, 250, 125]


def test_deep_zoom_fills_a_lost_tile_from_a_coarser_level(sample: Sample) -> None:
    path = sample("zoom.dzi")
    (path.with_name("zoom_files") / "9" / "1_1.png").unlink()
    with tilesource.open(path) as source:
        pixels = source.getRegion(format="numpy")[0]
    assert 0 < np.abs(pixels.astype(int) - smooth(500, 400)).mean() < 1


@pytest.mark.parametrize("part", ["zoom_files", "zoom_files/9", "zoom_files/9/0_0.png"])
def test_deep_zoom_never_leaves_its_folder(sample: Sample, tmp_path: Path, part: str) -> None:
    path = sample("zoom.dzi")
    (tmp_path / "elsewhere").mkdir()
    elsewhere = (path.parent / part).rename(tmp_path / "elsewhere" / Path(part).name)
    (path.parent / part).symlink_to(elsewhere)
    with pytest.raises(TileSourceError, match=r"zoom(_files|\.dzi)"):
        DeepZoomReader.open(path)


def test_deep_zoom_without_its_folder_says_so(sample: Sample) -> None:
    path = sample("zoom.dzi").rename(sample("zoom.dzi").with_name("other.dzi"))
    with pytest.raises(UnreadableFile, match="no folder of tiles beside it, other_files"):
        DeepZoomReader.open(path)


def test_a_tile_larger_than_it_may_be_is_refused(sample: Sample) -> None:
    path = sample("zoom.dzi")
    large = Image.fromarray(noise(300, 300))
    large.save(path.with_name("zoom_files") / "9" / "1_1.png")
    with tilesource.open(path) as source, pytest.raises(DamagedFile, match="300 x 300"):
        source.getRegion(format="numpy")


def synthetic(query: str = "") -> SyntheticReader:
    return SyntheticReader.open(Path(f"large_image://test{query}"))


def test_the_synthetic_image_has_the_size_of_its_levels() -> None:
    info = synthetic().info
    assert (info.levels[0].width, info.bands, str(info.dtype)) == (131072, 3, "uint8")
    assert [level.width for level in synthetic("?minLevel=2&maxLevel=4").info.levels] == [
        4096, 2048, 1024,
    ]  # fmt: skip


FRAMES = [
    ("c=2,z=3", {"z": 3, "c": 2}), ("1,2,3,4", {"xy": 4, "t": 3, "z": 2}), ("p=3", {"p": 3}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "axes"), FRAMES)
def test_the_synthetic_image_has_frames(text: str, axes: dict[str, int]) -> None:
    frames = synthetic(f"?frames={text}").info.frames
    sizes = {axis: 1 + max(frame[axis] for frame in frames) for axis in frames[0]}
    assert (list(sizes.items()), len(frames)) == (list(axes.items()), np.prod(list(axes.values())))


def test_the_synthetic_image_has_bands_of_any_range() -> None:
    reader = synthetic("?sizeX=300&sizeY=200&bands=red=400-12000,gray=0-255,other")
    pixels = read_whole(reader)
    assert (pixels.dtype, pixels.shape) == (np.uint16, (200, 300, 3))
    assert pixels.min(axis=(0, 1)).tolist() == [400, 0, 0]
    assert read_whole(synthetic("?sizeX=300&sizeY=200&monochrome=true")).shape == (200, 300, 1)


def test_tiles_of_the_synthetic_image_differ_and_so_does_the_fractal() -> None:
    reader, fractal = synthetic("?maxLevel=2"), synthetic("?maxLevel=2&fractal=true")
    first, second = reader.read(0, 0, 0, 0, 256, 256), reader.read(0, 0, 256, 0, 256, 256)
    assert not np.array_equal(first, second)
    assert (fractal.read(0, 0, 0, 0, 256, 256) == 0).mean() > (first == 0).mean()


@pytest.mark.parametrize("query", [
    "?sizeX=-1", "?sizeX=many", "?nothing=1", "?frames=c=0", "?frames=1,2,3,4,5", "?bands=red=9-1",
    "?bands=red=0-99999", "?tileWidth=1", "?minLevel=3&maxLevel=2", "?maxLevel=99",
    "?frames=c=9999,z=9999", "?sizeX=99999999999999999999",
])  # fmt: skip
def test_options_that_make_no_sense_are_refused(query: str) -> None:
    with pytest.raises(InvalidRequest):
        synthetic(query)


def test_no_file_is_taken_for_the_synthetic_image(tmp_path: Path) -> None:
    (tmp_path / "test").write_bytes(b"")
    with pytest.raises(UnreadableFile, match="not the synthetic image"):
        SyntheticReader.open(tmp_path / "test")


def test_every_format_closes_what_it_opened(sample: Sample) -> None:
    for name in SAMPLES:
        tilesource.open(sample(name)).close()


def test_a_slide_that_nothing_stores_is_refused(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tilesource.formats.openslide._EMPTIEST", 1)
    with pytest.raises(UnreadableFile, match="too many for its bytes"):
        OpenSlideReader.open(sample("slide.svslide"))


def test_a_slide_of_vast_tiles_is_refused(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tilesource.formats.openslide._LARGEST_TILE", 100)
    with pytest.raises(UnreadableFile, match="tiles of 112 x 112 pixels are too large"):
        OpenSlideReader.open(sample("slide.svslide"))


def test_pixels_of_countless_bands_are_refused(tmp_path: Path) -> None:
    path = plain(tmp_path / "a.tif", np.zeros((4, 4, 3000), np.uint8), photometric="minisblack",
                 planarconfig="contig")  # fmt: skip
    with pytest.raises(TileSourceError, match="3,000 bands are not supported"):
        tilesource.open(path)


def test_openslide_shows_what_is_whole_of_a_damaged_slide(sample: Sample) -> None:
    path = sample("aperio.svs")
    with tifffile.TiffFile(path) as tiff:
        first, length = tiff.pages.first.dataoffsets[0], tiff.pages.first.databytecounts[0]
    content = bytearray(path.read_bytes())
    content[first : first + length] = bytes(length)
    path.write_bytes(content)
    reader = OpenSlideReader.open(path)
    for _ in range(2):
        with pytest.raises(DamagedFile):
            reader.read(0, 0, 0, 0, 50, 50)
        assert reader.read(0, 0, 300, 200, 50, 50).any()
    reader.close()
