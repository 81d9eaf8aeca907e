"""TIFF in its many layouts: orientations, depths, colours, frames, vendors, missing tiles."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openslide
import pytest
import tifffile
from PIL import Image, ImageOps

import tilesource
from tests.tilesource.hamamatsu import ndpi
from tests.tilesource.images import noise, plain, smooth, sparse
from tilesource.errors import UnreadableFile
from tilesource.formats.tiff import TiffReader
from tilesource.geometry import Box
from tilesource.reading import read_filled

Sample = Callable[[str], Path]


def whole(path: Path, frame: int = 0) -> np.ndarray:
    with tilesource.open(path) as source:
        return source.getRegion(format="numpy", frame=frame)[0]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("tile", [(32, 32), None])
def test_orientations_are_shown_as_viewers_do(
    tmp_path: Path, orientation: int, tile: tuple[int, int] | None
) -> None:
    base, tag = smooth(90, 50), (274, "H", 1, orientation, True)
    path = plain(tmp_path / "a.tif", base, photometric="rgb", tile=tile, extratags=[tag])
    exif = Image.Exif()
    exif[274] = orientation
    photo = Image.fromarray(base)
    photo.info["exif"] = exif.tobytes()
    png = io.BytesIO()
    photo.save(png, "PNG", exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(png)))
    assert np.array_equal(whole(path), expected)
    with tilesource.open(path) as source:
        region = {"left": 20, "top": 10, "width": 17, "height": 23}
        part = source.getRegion(region=region, format="numpy")[0]
    assert np.array_equal(part, expected[10:33, 20:37])


@pytest.mark.parametrize("name", ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64",
                                  "int64", "float16", "float32", "float64"])  # fmt: skip
@pytest.mark.parametrize("order", "<>")
def test_values_of_every_type_are_those_stored(tmp_path: Path, name: str, order: str) -> None:
    values = (noise(70, 40, 1, "int8")[..., 0] % 100).astype(name)
    path = plain(tmp_path / "a.tif", values, byteorder=order, compression="deflate", tile=(32, 32))
    pixels = whole(path)
    assert (pixels.dtype, pixels.dtype.isnative) == (np.dtype(name), True)
    assert np.array_equal(pixels[..., 0], values)
    assert np.array_equal(whole(plain(tmp_path / "b.tif", values, byteorder=order)), pixels)


def packed(path: Path, values: np.ndarray, bits: int, photometric: int = 1) -> Path:
    """Write samples of any number of bits, each row padded to whole bytes."""
    height, width = values.shape
    spread = np.unpackbits(values.astype(">u2").view("u1").reshape(height, width, 2), axis=2)
    data = np.packbits(spread[..., 16 - bits :].reshape(height, -1), axis=1).tobytes()
    tags = [(256, 4, width), (257, 4, height), (258, 3, bits), (259, 3, 1), (262, 3, photometric),
            (273, 4, 8), (277, 3, 1), (278, 4, height), (279, 4, len(data))]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    head = b"II*\0" + struct.pack("<I", 8 + len(data)) + data
    path.write_bytes(head + struct.pack("<H", len(tags)) + entries + bytes(4))
    return path


@pytest.mark.parametrize(("bits", "white"), [(1, 255), (2, 255), (4, 255), (12, 4095)])
def test_few_bits_take_the_range_of_eight_and_more_keep_theirs(
    tmp_path: Path, bits: int, white: int
) -> None:
    most = (1 << bits) - 1
    values = np.arange(41 * 30).reshape(30, 41) % (most + 1)
    expected = values * white // most
    assert np.array_equal(whole(packed(tmp_path / "a.tif", values, bits))[..., 0], expected)
    inverted = whole(packed(tmp_path / "b.tif", values, bits, photometric=0))[..., 0]
    assert np.array_equal(inverted, (most - values) * white // most)


@pytest.mark.parametrize("compression", ["lzw", "deflate", "zstd", "lzma", "packbits", "png"])
@pytest.mark.parametrize("planarconfig", ["contig", "separate"])
def test_codecs_give_back_what_was_stored(
    tmp_path: Path, compression: str, planarconfig: str
) -> None:
    base = noise(90, 70)
    stored = base if planarconfig == "contig" else base.transpose(2, 0, 1)
    path = plain(
        tmp_path / "a.tif", stored, photometric="rgb", planarconfig=planarconfig,
        compression=compression, tile=(32, 32),
    )  # fmt: skip
    assert np.array_equal(whole(path), base)


@pytest.mark.parametrize("compression", ["webp", "jpegxl", "jpeg2000", "jpegxr"])
def test_codecs_of_pictures_are_read(tmp_path: Path, compression: str) -> None:
    base, options = smooth(128, 96), {"photometric": "rgb", "compression": compression}
    path = plain(tmp_path / "a.tif", base, tile=(32, 32), **options)
    assert np.abs(whole(path).astype(int) - base).mean() < 4


def test_inks_become_the_light_they_leave(tmp_path: Path) -> None:
    inks = np.zeros((20, 30, 4), np.uint8)
    inks[:10, :, 0], inks[10:, :, 3] = 255, 128
    pixels = whole(plain(tmp_path / "a.tif", inks, photometric="separated", tile=(16, 16)))
    assert pixels[0, 0].tolist() == [0, 255, 255]
    assert pixels[15, 0].tolist() == [127, 127, 127]
    deep = whole(plain(tmp_path / "b.tif", inks.astype(np.uint16) * 257, photometric="separated"))
    assert np.array_equal(deep, pixels.astype(np.uint16) * 257)


def test_luma_and_chroma_without_a_codec_become_rgb(tmp_path: Path) -> None:
    base = smooth(64, 48)
    stored = np.asarray(Image.fromarray(base).convert("YCbCr"))
    path = plain(tmp_path / "a.tif", stored, photometric="ycbcr", subsampling=(1, 1), tile=(16, 16),
                 compression="deflate")  # fmt: skip
    with tilesource.open(path) as source:
        assert source.name == "tiff"
    assert np.abs(whole(path).astype(int) - base).max() <= 3


@pytest.mark.parametrize("options", [{}, {"tile": (16, 16), "compression": "lzw"}])
def test_lab_is_shown_as_pillow_does(tmp_path: Path, options: dict[str, object]) -> None:
    Image.fromarray(noise(64, 48)).convert("LAB").save(tmp_path / "a.tif")
    stored = tifffile.imread(tmp_path / "a.tif")
    path = plain(tmp_path / "b.tif", stored, photometric="cielab", iccprofile=b"of Lab", **options)
    with Image.open(tmp_path / "a.tif") as image:
        expected = np.asarray(image.convert("RGB"))
    assert np.array_equal(whole(tmp_path / "a.tif"), expected)
    assert np.array_equal(whole(path), expected)
    with tilesource.open(path) as source:
        assert (source.name, source.getICCProfiles(0)) == ("tiff", None)


def test_a_palette_of_eight_bits_is_taken_as_such(tmp_path: Path) -> None:
    colours = np.stack([np.arange(256), 255 - np.arange(256), np.full(256, 7)]).astype(np.uint16)
    numbers = noise(40, 30, 1)[..., 0]
    path = plain(tmp_path / "a.tif", numbers, photometric="palette", colormap=colours)
    assert np.array_equal(whole(path), colours.T[numbers])


def test_jpeg_2000_of_aperio_is_what_openslide_shows(sample: Sample) -> None:
    path = sample("jpeg2000.svs")
    with openslide.OpenSlide(path) as slide:
        expected = np.asarray(slide.read_region((0, 0), 0, slide.dimensions))[..., :3]
    assert np.abs(whole(path).astype(int) - expected).max() <= 1


def test_planes_without_pages_of_their_own_are_frames(sample: Sample) -> None:
    path = sample("hyperstack.tif")
    stored = tifffile.imread(path).reshape(12, 100, 150)
    with tilesource.open(path) as source:
        facts = source.getMetadata()
    assert facts["IndexRange"] == {"IndexT": 2, "IndexZ": 3, "IndexC": 2}
    assert (facts["mm_x"], facts["magnification"]) == (pytest.approx(0.00025), pytest.approx(40))
    assert all(np.array_equal(whole(path, n)[..., 0], stored[n]) for n in range(12))


def test_pages_alike_are_frames_and_a_smaller_one_is_not(tmp_path: Path) -> None:
    base = smooth(80, 60)
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        for page in (base, base[:20, :30], 255 - base):
            tiff.write(page, photometric="rgb", tile=(16, 16), metadata=None)
    with tilesource.open(tmp_path / "a.tif") as source:
        frames = source.getMetadata()["frames"]
    assert [(frame["Frame"], frame["Index"]) for frame in frames] == [(0, 0), (1, 1)]
    assert np.array_equal(whole(tmp_path / "a.tif", 1), 255 - base)


def test_images_alike_of_an_ome_tiff_are_positions(tmp_path: Path) -> None:
    planes = noise(80, 60, 6, "uint16").transpose(2, 0, 1)
    path = tmp_path / "a.ome.tif"
    with tifffile.TiffWriter(path) as tiff:
        for place in range(3):
            tiff.write(planes[2 * place : 2 * place + 2], photometric="minisblack",
                       metadata={"axes": "CYX", "Name": f"place {place}"})  # fmt: skip
        tiff.write(smooth(20, 10), photometric="rgb", metadata={"axes": "YXS", "Name": "Label"})
    with tilesource.open(path) as source:
        facts = source.getMetadata()
        assert source.getAssociatedImagesList() == ["label"]
    assert facts["IndexRange"] == {"IndexXY": 3, "IndexC": 2}
    assert all(np.array_equal(whole(path, n)[..., 0], planes[n]) for n in range(6))


def _ome_of_two_files(folder: Path, names: tuple[str, str]) -> Path:
    """Write an image whose two channels lie in two files."""
    planes = [
        f'<TiffData FirstC="{c}" IFD="0" PlaneCount="1">'
        f'<UUID FileName="{name}">{c}</UUID></TiffData>'
        for c, name in enumerate(names)
    ]
    for c in range(2):
        text = (
            f'<OME UUID="{c}"><Image ID="i"><Pixels ID="p" DimensionOrder="XYZCT" Type="uint8" '
            'SizeX="80" SizeY="60" SizeZ="1" SizeC="2" SizeT="1">'
            + "".join(planes) + "</Pixels></Image></OME>"
        )  # fmt: skip
        plain(folder / f"{c}.ome.tif", np.full((60, 80), 10 + c, np.uint8), description=text)
    return folder / "0.ome.tif"


def test_an_ome_tiff_of_several_files_is_one_image(tmp_path: Path) -> None:
    path = _ome_of_two_files(tmp_path, ("0.ome.tif", "1.ome.tif"))
    assert [whole(path, frame)[0, 0, 0] for frame in range(2)] == [10, 11]


def test_a_lost_file_of_an_ome_tiff_leaves_its_frames_black(tmp_path: Path) -> None:
    path = _ome_of_two_files(tmp_path, ("0.ome.tif", "1.ome.tif"))
    (tmp_path / "1.ome.tif").unlink()
    assert [whole(path, frame)[0, 0, 0] for frame in range(2)] == [10, 0]


@pytest.mark.parametrize("way", ["name", "link"])
def test_an_ome_tiff_reads_no_file_outside_of_its_folder(tmp_path: Path, way: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    secret = plain(tmp_path / "secret.tif", np.full((60, 80), 99, np.uint8))
    other = "../secret.tif" if way == "name" else "1.ome.tif"
    path = _ome_of_two_files(folder, ("0.ome.tif", other))
    if way == "link":
        (folder / "1.ome.tif").unlink()
        (folder / "1.ome.tif").symlink_to(secret)
    with pytest.raises(UnreadableFile, match=r"outside of its folder|lies elsewhere"):
        TiffReader.open(path)


RESOLUTIONS = [
    (2, 300, 25.4 / 300), (2, 100, 0.254), (2, 99, None), (3, 40000, 0.00025), (3, 72, None),
    (1, 300, None),
]  # fmt: skip


@pytest.mark.parametrize(("unit", "dots", "mm"), RESOLUTIONS)
def test_resolution_tags_tell_the_scale_of_fine_pixels_only(
    tmp_path: Path, unit: int, dots: int, mm: float | None
) -> None:
    path = plain(tmp_path / "a.tif", smooth(32, 32), resolution=(dots, dots), resolutionunit=unit)
    with tilesource.open(path) as source:
        facts = source.getNativeMagnification()
    assert facts["mm_x"] == pytest.approx(mm)
    assert facts["magnification"] == (None if mm is None else pytest.approx(0.01 / mm))


def test_one_resolution_tells_one_side_of_a_pixel(tmp_path: Path) -> None:
    path = plain(tmp_path / "a.tif", smooth(32, 32), resolution=(10000, 1), resolutionunit=3)
    with tilesource.open(path) as source:
        facts = source.getNativeMagnification()
    assert (facts["mm_x"], facts["mm_y"], facts["magnification"]) == (0.001, None, 10)


def test_descriptions_name_the_images_beside_the_main_one(tmp_path: Path) -> None:
    base = smooth(200, 150)
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        tiff.write(base, tile=(64, 64), photometric="rgb", metadata=None)
        for size, note in ((20, "Label image"), (30, "macro"), (40, "two words"), (50, "other")):
            tiff.write(base[:size, :size], photometric="rgb", metadata=None, description=note)
    with tilesource.open(tmp_path / "a.tif") as source:
        assert source.getAssociatedImagesList() == ["label", "macro", "other"]
        assert source.getAssociatedImage("macro", format="numpy")[0].shape == (30, 30, 3)


def test_a_qptiff_has_a_frame_for_each_channel(tmp_path: Path) -> None:
    note = "<PerkinElmer-QPI-ImageDescription><Name>{}</Name><Objective>20x</Objective></{}>"
    base = smooth(256, 128)
    options = {"metadata": None, "software": "PerkinElmer-QPI", "tile": (64, 64)}
    with tifffile.TiffWriter(tmp_path / "a.qptiff") as tiff:
        for step in (1, 2):
            for band in range(3):
                text = note.format(f"dye {band}", "PerkinElmer-QPI-ImageDescription")
                plane = np.ascontiguousarray(base[::step, ::step, band])
                tiff.write(plane, description=text, photometric="minisblack", **options)
            if step == 1:
                tiff.write(base[:40, :50], photometric="rgb", metadata=None)
        for size in (30, 20):
            tiff.write(base[:size, :size], photometric="rgb", metadata=None)
    with tilesource.open(tmp_path / "a.qptiff") as source:
        facts = source.getMetadata()
        assert (facts["channels"], facts["magnification"]) == (["dye 0", "dye 1", "dye 2"], 20)
        assert source.getAssociatedImagesList() == ["label", "macro", "thumbnail"]
        assert len(source.reader.info.levels) == 2
    assert np.array_equal(whole(tmp_path / "a.qptiff", 2)[..., 0], base[..., 2])


def test_an_ndpi_without_openslide_is_what_openslide_shows(tmp_path: Path) -> None:
    base = smooth(1024, 512)
    levels = [(base, 20.0), (np.ascontiguousarray(base[::2, ::2]), 10.0)]
    path = ndpi(tmp_path / "a.ndpi", levels, smooth(200, 80))
    reader = TiffReader.open(path)
    with openslide.OpenSlide(path) as slide:
        expected = np.asarray(slide.read_region((0, 0), 0, slide.dimensions))[..., :3]
    assert np.array_equal(reader.read(0, 0, 0, 0, 1024, 512), expected)
    assert [level.width for level in reader.info.levels] == [1024, 512]
    assert (reader.info.magnification, reader.info.mm_x) == (20, pytest.approx(0.00025))
    assert reader.associated_image("macro").shape == (80, 200, 3)
    assert reader.raw_tile(0, 0, 0, 0) is None
    reader.close()
    with tilesource.open(path) as source:
        assert source.name == "openslide"


def test_missing_tiles_come_from_a_coarser_level(tmp_path: Path) -> None:
    path, base = sparse(tmp_path / "a.tif"), smooth(600, 400).astype(int)
    with tilesource.open(path) as source:
        reader = source.reader
        box = Box(x=10, y=0, width=300, height=70)
        holes = reader.holes(0, 0, box)
        stored = reader.read(0, 0, 10, 0, 300, 70)
        filled = read_filled(reader, 0, 0, box)
    assert holes == [Box(x=10, y=0, width=54, height=64), Box(x=192, y=0, width=64, height=64)]
    assert not stored[:64, :54].any()
    assert np.abs(filled - base[:70, 10:310]).mean() < 2
    assert np.array_equal(filled[64:], base[64:70, 10:310])


def test_strips_are_decoded_once_for_the_tiles_that_share_them(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = []
    pread = tilesource.formats.file_bytes.os.pread
    monkeypatch.setattr(
        "tilesource.formats.file_bytes.os.pread",
        lambda *place: decoded.append(place[1:]) or pread(*place),
    )
    path = sample("uint32.tif")
    with tilesource.open(path) as source:
        for x in range(0, 200, 20):
            source.getRegion(region={"left": x, "width": 20}, format="numpy")
    assert len(decoded) == len(set(decoded)) > 0
