"""Pixels become the bytes of image files, of every kind that can be asked for."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tilesource
from tests.tilesource.images import noise, save, smooth
from tests.tilesource.pictures import psnr
from tilesource.constants import TileInputUnits, TileOutputMimeTypes, TileOutputPILFormat
from tilesource.encoding import Encoding, addPILFormatsToOutputOptions, encode
from tilesource.errors import InvalidRequest
from tilesource.image_bytes import ImageBytes
from tilesource.protocols.dzi import DeepZoom, dzi_tile

# What the reference library lists, with the same Pillow.
MIME_TYPES = {
    "JPEG": "image/jpeg", "PNG": "image/png", "TIFF": "image/tiff", "TILED": "image/tiff",
    "JFIF": "image/jpeg", "AVIF": "image/avif", "BMP": "image/bmp", "DIB": "image/bmp",
    "PCX": "image/x-pcx", "EPS": "application/postscript", "GIF": "image/gif",
    "JPEG2000": "image/jp2", "MPO": "image/mpo", "PPM": "image/x-portable-anymap",
    "SGI": "image/sgi", "TGA": "image/x-tga", "WEBP": "image/webp", "XBM": "image/xbm",
}  # fmt: skip
EXACT = ("PNG", "TIFF", "TILED", "BMP", "PPM", "SGI", "TGA")
UNOPENABLE = ("DIB",)  # a BMP without its file header


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_the_encodings_are_those_of_the_documented_constants() -> None:
    addPILFormatsToOutputOptions()
    assert TileOutputMimeTypes == MIME_TYPES
    assert TileOutputPILFormat["jpg"] == TileOutputPILFormat["JFIF"] == "JPEG"
    assert TileOutputPILFormat["webp"] == "WEBP"
    assert {TileInputUnits[name] for name in (None, "base")} == {"base_pixels"}


@pytest.mark.parametrize("bands", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("name", MIME_TYPES)
def test_every_encoding_takes_any_pixels(name: str, bands: int) -> None:
    for width, height in ((1, 1), (37, 23)):
        data = encode(noise(width, height, bands), Encoding(name=name))
        assert isinstance(data, ImageBytes)
        assert data.mimetype == MIME_TYPES[name]
        if name not in UNOPENABLE:
            assert opened(data).size == (width, height)


@pytest.mark.parametrize("name", EXACT)
def test_lossless_encodings_are_exact(name: str) -> None:
    pixels = noise(40, 30)
    assert np.array_equal(np.asarray(opened(encode(pixels, Encoding(name=name)))), pixels)


@pytest.mark.parametrize("bands", [1, 2, 3, 4])
def test_png_keeps_every_band(bands: int) -> None:
    pixels = noise(40, 30, bands)
    shown = np.asarray(opened(encode(pixels, Encoding(name="PNG"))))
    assert np.array_equal(shown.reshape(pixels.shape), pixels)


@pytest.mark.parametrize("name", ["JPEG", "JFIF", "WEBP", "AVIF", "JPEG2000"])
def test_quality_counts(name: str) -> None:
    pixels = smooth(200, 150)
    low, high = (encode(pixels, Encoding(name=name, quality=quality)) for quality in (20, 95))
    assert psnr(np.asarray(opened(high).convert("RGB")), pixels) > 35
    assert len(low) <= len(high)


def test_subsampling_halves_the_colours() -> None:
    pixels = noise(200, 150)
    sizes = [len(encode(pixels, Encoding(subsampling=step))) for step in (0, 1, 2)]
    assert sizes[0] > sizes[1] > sizes[2]


@pytest.mark.parametrize(
    ("compression", "tag"),
    [("raw", 1), ("none", 1), ("lzw", 5), ("tiff_lzw", 5), ("deflate", 8), ("jpeg", 7),
     ("tiff_adobe_deflate", 8), ("packbits", 32773), ("zstd", 50000)],
)  # fmt: skip
def test_tiff_compressions_go_by_their_documented_names(compression: str, tag: int) -> None:
    data = encode(smooth(60, 40), Encoding(name="TIFF", tiff_compression=compression))
    assert opened(data).tag_v2[259] == tag  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "wrong",
    [{"name": "jpg"}, {"name": "PDF"}, {"quality": 0}, {"quality": 101}, {"quality": "high"},
     {"subsampling": 3}, {"tiff_compression": "zip"}],
)  # fmt: skip
def test_encodings_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest, match=str(next(iter(wrong.values())))):
        Encoding(**wrong)


def test_a_compression_of_tiled_only_is_refused_for_tiff() -> None:
    with pytest.raises(InvalidRequest, match="webp"):
        encode(noise(9, 9), Encoding(name="TIFF", tiff_compression="webp"))


def test_image_bytes_show_themselves_in_a_notebook() -> None:
    png = encode(noise(5, 5), Encoding(name="PNG"))
    assert png._repr_png_() == bytes(png)
    assert png._repr_jpeg_() is None
    assert repr(png) == f"ImageBytes<{len(png)}> (image/png)"
    assert ImageBytes(bytes(png)).mimetype == "image/png"
    assert repr(ImageBytes(b"words")) == "ImageBytes<5> (wrapped image bytes)"
    copy = pickle.loads(pickle.dumps(png))
    assert (copy, copy.mimetype) == (png, "image/png")


@pytest.mark.parametrize(("compression", "mode"), [("lzw", "I;16"), ("jpeg", "L")])
def test_deep_grey_stays_deep_in_a_tiff_that_can_hold_it(compression: str, mode: str) -> None:
    pixels = noise(30, 20, 1, "uint16")
    data = encode(pixels, Encoding(name="TIFF", tiff_compression=compression))
    image = Image.open(io.BytesIO(data))
    assert image.mode == mode
    assert mode == "L" or np.array_equal(np.asarray(image), pixels[..., 0])


def test_what_a_style_leaves_out_is_not_white_in_a_jpeg(tmp_path: Path) -> None:
    path = save(np.zeros((40, 30, 1), np.uint8), tmp_path / "dark.png")
    style = {"bands": [{"palette": "#f00", "min": 50, "max": 100, "clamp": False}]}
    with tilesource.open(path, style=style) as source:
        dzi = dzi_tile(source, 6, 0, 0, DeepZoom())
        files = source.getThumbnail()[0], source.getTile(0, 0, 0), dzi.data
    for data in files:
        assert np.asarray(Image.open(io.BytesIO(data))).max() < 5
    with tilesource.open(path, style=style) as source:
        assert source.getThumbnail(format="numpy")[0][..., 3].max() == 0


def test_a_label_has_no_style(tmp_path: Path) -> None:
    path, labels = tmp_path / "slide.ome.tif", []
    label = np.zeros((40, 40, 4), np.uint8)
    with tilesource.new() as sink:
        sink.addTile(noise(64, 64), 0, 0)
        sink.addAssociatedImage("label", label)
        sink.write(path, lossy=False)
    for style in (None, {"min": 0, "max": 255}):
        with tilesource.open(path, style=style) as source:
            labels.append(bytes(source.getAssociatedImage("label")[0]))
    assert labels[0] == labels[1]


def test_tiled_is_the_path_of_a_pyramid(sample: object) -> None:
    with tilesource.open(sample("aperio.svs")) as source:  # type: ignore[operator]
        region = {"left": 100, "top": 50, "width": 400, "height": 300}
        path, mime = source.getRegion(region=region, encoding="TILED", tiffCompression="lzw")
        pixels = source.getRegion(region=region, format="numpy")[0]
    try:
        with tilesource.open(path) as made:
            assert mime == "image/tiff"
            assert np.array_equal(made.getRegion(format="numpy")[0], pixels)
            assert made.getMetadata()["magnification"] == 40
            assert [level.width for level in made.reader.info.levels] == [400, 200]
    finally:
        path.unlink()


@pytest.mark.parametrize("compression", ["jpeg", "webp", "jp2k"])
@pytest.mark.parametrize("name", ["alpha.png", "strips.tif", "float.tif", "planes.ome.tif"])
def test_tiled_makes_of_any_pixels_what_a_lossy_compression_holds(
    sample: object, name: str, compression: str
) -> None:
    with tilesource.open(sample(name)) as source:  # type: ignore[operator]
        path, _ = source.getRegion(encoding="TILED", tiffCompression=compression)
        size = source.sizeX, source.sizeY
    try:
        with tilesource.open(path) as made:
            assert (made.sizeX, made.sizeY, made.dtype) == (*size, np.uint8)
    finally:
        path.unlink()
