"""Files that mean harm: each is small, and asks for far more time or memory than it is worth."""

from __future__ import annotations

import itertools
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np

WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC, DESCRIPTION = 256, 257, 258, 259, 262, 270
SAMPLES, TILE_WIDTH, TILE_LENGTH, TILE_OFFSETS, TILE_COUNTS = 277, 322, 323, 324, 325
SUB_IFDS = 330
SHORT, LONG, ASCII = 3, 4, 2

Tags = dict[int, tuple[int, int, int]]
"""Tag -> its type, count, and value or offset."""


def directory(tags: Tags, following: int = 0) -> bytes:
    """Return a page's tags, and the place of the next page."""
    entries = [struct.pack("<HHII", tag, *tags[tag]) for tag in sorted(tags)]
    return struct.pack("<H", len(entries)) + b"".join(entries) + struct.pack("<I", following)


def tiff(tags: Tags, data: bytes = b"", following: int = 0) -> bytes:
    """Return a TIFF of one page, whose directory comes after the data at byte 8."""
    place = 8 + len(data)
    return b"II*\0" + struct.pack("<I", place) + data + directory(tags, following)


def page(**changed: tuple[int, int, int]) -> Tags:
    """Return the tags of a small grey tiled page, with those changed that are given."""
    tags = {
        WIDTH: (LONG, 1, 256), LENGTH: (LONG, 1, 256), BITS: (SHORT, 1, 8),
        COMPRESSION: (SHORT, 1, 1), PHOTOMETRIC: (SHORT, 1, 1), SAMPLES: (SHORT, 1, 1),
        TILE_WIDTH: (LONG, 1, 256), TILE_LENGTH: (LONG, 1, 256),
        TILE_OFFSETS: (LONG, 1, 8), TILE_COUNTS: (LONG, 1, 16),
    }  # fmt: skip
    return tags | {globals()[name]: value for name, value in changed.items()}


def one_tile(data: bytes, compression: int, side: int = 256) -> bytes:
    """Return a TIFF of one tile that is stored as given."""
    sizes = dict.fromkeys(("WIDTH", "LENGTH", "TILE_WIDTH", "TILE_LENGTH"), (LONG, 1, side))
    said = {"COMPRESSION": (SHORT, 1, compression), "TILE_COUNTS": (LONG, 1, len(data))}
    return tiff(page(**sizes, **said), data)


def described(text: str) -> bytes:
    """Return a small TIFF with a description."""
    data = bytes(65536) + text.encode() + b"\0"
    tags = page(DESCRIPTION=(ASCII, len(text) + 1, 8 + 65536), TILE_COUNTS=(LONG, 1, 65536))
    return tiff(tags, data)


def cycle(length: int) -> bytes:
    """Return a TIFF whose pages lead back to the first."""
    size = len(directory(page()))
    pages = [directory(page(), 8 + size * ((place + 1) % length)) for place in range(length)]
    return b"II*\0" + struct.pack("<I", 8) + b"".join(pages)


def long_chain(length: int) -> bytes:
    """Return a TIFF of very many pages, each as small as can be."""
    entry = np.zeros(length, [("count", "<u2"), ("tag", "<u2"), ("type", "<u2"), ("n", "<u4"),
                              ("value", "<u4"), ("next", "<u4")])  # fmt: skip
    entry["count"], entry["tag"], entry["type"], entry["n"] = 1, WIDTH, LONG, 1
    entry["next"] = 8 + entry.itemsize * (np.arange(length) + 1)
    return b"II*\0" + struct.pack("<I", 8) + entry.tobytes()


def bomb(size: int) -> bytes:
    """Return a zlib stream that becomes so many bytes of zeros."""
    squeeze = zlib.compressobj(9, wbits=-15)
    block = squeeze.compress(bytes(1 << 20)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    checksum = (size % 65521 << 16) | 1  # Adler-32 of zeros
    return b"\x78\xda" + block * (size >> 20) + b"\x03\0" + struct.pack(">I", checksum)


def jpeg_that_says(width: int, height: int) -> bytes:
    """Return the start of a JPEG stream that claims a size."""
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    head = b"\xff\xd8\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame
    return head + b"\xff\xda\x00\x08" + bytes(40)


def jpeg_2000_that_says(width: int, height: int) -> bytes:
    """Return a JPEG 2000 codestream that claims a size, and tiles as large."""
    real = bytearray(imagecodecs.jpeg2k_encode(np.zeros((256, 256), np.uint8), codecformat="j2k"))
    struct.pack_into(">II", real, 8, width, height)
    struct.pack_into(">II", real, 24, width, height)
    return bytes(real)


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG."""
    checked = kind + body
    return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))


def png(width: int, height: int, data: bytes) -> bytes:
    """Return a PNG of 8-bit grey, whatever its data is."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {after} "{f"&{before};" * 10}">'
        for before, after in itertools.pairwise("abcdefghij")
    )
    + "]>"
)


def ome(pixels: str, before: str = "", inside: str = "") -> str:
    """Return OME-XML of one image."""
    image = f'<Pixels DimensionOrder="XYZCT" {pixels}>{inside}</Pixels>'
    return f"{before}<OME><Image>{image}</Image></OME>"


def dzi(width: object, height: object, form: str = "png", tile: object = 256) -> bytes:
    """Return a Deep Zoom descriptor."""
    return (
        f'<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" TileSize="{tile}" Overlap="0" '
        f'Format="{form}"><Size Width="{width}" Height="{height}"/></Image>'
    ).encode()


def zarr_zip(path: Path, **changed: object) -> None:
    """Write a zipped zarr array whose description says what is given."""
    said = {
        "zarr_format": 2, "shape": [64, 64], "chunks": [64, 64], "dtype": "|u1", "order": "C",
        "compressor": {"id": "zlib", "level": 1}, "filters": None, "fill_value": 0,
    } | changed  # fmt: skip
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(".zarray", json.dumps(said))
        archive.writestr("0.0", zlib.compress(b"cposix\nsystem\n(S'touch /tmp/owned'\ntR."))


def zip_of_zeros(path: Path) -> None:
    """Write a zipped array whose one chunk becomes far more than is stored."""
    zarr_zip(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.1", bytes(100))
        archive.getinfo("0.1").file_size = (1 << 32) - 2


YAML_LAUGHS = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)

FILES: dict[str, bytes | Callable[[Path], None]] = {
    "empty.tif": b"", "empty.png": b"", "empty.svs": b"", "empty.zarr.zip": b"", "empty.dzi": b"",
    "empty.yaml": b"", "empty.json": b"", "empty.jp2": b"", "empty": b"", "empty.mrxs": b"",
    "cycle-1.tif": cycle(1), "cycle-2.tif": cycle(2), "cycle-300.tif": cycle(300),
    "chain.tif": long_chain(300_000),
    "own-sub-page.tif": tiff(page(SUB_IFDS=(LONG, 1, 24)), bytes(16)),
    "many-sub-pages.tif": tiff(page(SUB_IFDS=(LONG, 1 << 20, 8)), struct.pack("<I", 8) * (1 << 20)),
    "vast.tif": tiff(page(WIDTH=(LONG, 1, 2**31), LENGTH=(LONG, 1, 2**31)), bytes(16)),
    "vast-tile.tif": one_tile(bytes(16), 8, 2**31),
    "large-tile.tif": one_tile(bytes(16), 1, 65536),
    "no-tile.tif": tiff(page(TILE_WIDTH=(LONG, 1, 0)), bytes(16)),
    "no-width.tif": tiff(page(WIDTH=(LONG, 1, 0)), bytes(16)),
    "deep.tif": tiff(page(BITS=(SHORT, 1, 255)), bytes(16)),
    "samples.tif": tiff(page(SAMPLES=(SHORT, 1, 65535)), bytes(16)),
    "tiles.tif": tiff(page(TILE_OFFSETS=(LONG, 2**31, 8)), bytes(16)),
    "words.tif": tiff(page(DESCRIPTION=(ASCII, 2**32 - 1, 8)), bytes(16)),
    "tags.tif": tiff(
        page() | {40_000 + n: (1, 1 << 20, 8) for n in range(4000)}, bytes(1 << 20)
    ),
    "deflate-bomb.tif": one_tile(bomb(400 << 20), 8),
    "zstd-bomb.tif": one_tile(imagecodecs.zstd_encode(bytes(1 << 27)), 50000),
    "lzma-bomb.tif": one_tile(imagecodecs.lzma_encode(bytes(1 << 26)), 34925),
    "jpeg-bomb.tif": one_tile(jpeg_that_says(65500, 65500), 7),
    "jpeg-2000-bomb.tif": one_tile(jpeg_2000_that_says(2**30, 2**30), 34712),
    "png-bomb.tif": one_tile(png(60000, 60000, bomb(1 << 20)), 34933),
    **{f"codec-{n}.tif": one_tile(bytes(range(256)) * 4, n)
       for n in (2, 3, 4, 5, 6, 7, 8, 33003, 33005, 34712, 34887, 34892, 34925, 34933, 50000, 50001,
                 50002, 65000, 32773, 22610, 12345)},
    "laughs.ome.tif": described(ome("", LAUGHS, "&j;")),
    "planes.ome.tif": described(
        ome('SizeX="256" SizeY="256" SizeC="999999999" SizeZ="9" SizeT="9"')
    ),
    "steps.ome.tif": described(
        ome('SizeX="1" SizeY="1" SizeC="1" SizeZ="1" SizeT="1"',
            inside='<ModuloAlongZ Start="0" End="1e12" Step="1"/>')
    ),
    "elsewhere.ome.tif": described(
        ome('SizeX="256" SizeY="256" SizeC="2" SizeZ="1" SizeT="1"',
            inside='<TiffData FirstC="1"><UUID FileName="../secret.tif">x</UUID></TiffData>')
    ),
    "imagej.tif": described("ImageJ=1.54\nimages=999999999\nframes=999999999\nslices=9\n"),
    "shaped.tif": described(json.dumps({"shape": [999999999, 999999999, 256, 256]})),
    "vast.png": png(2**31 - 1, 2**31 - 1, bomb(1 << 20)),
    "bomb.png": png(40000, 40000, bomb(1600 << 20)),
    "vast.jp2": jpeg_2000_that_says(2**30, 2**30),
    "vast.dzi": dzi(2**31, 2**31), "form.dzi": dzi(512, 512, "../../../etc/passwd"),
    "tile.dzi": dzi(512, 512, tile=10**9), "laughs.dzi": LAUGHS.encode() + dzi("&j;", 1),
    "pickle.zarr.zip": lambda path: zarr_zip(path, filters=[{"id": "pickle"}]),
    "objects.zarr.zip": lambda path: zarr_zip(path, dtype="|O", filters=[{"id": "pickle"}]),
    "vast.zarr.zip": lambda path: zarr_zip(path, shape=[2**40, 2**40], chunks=[2**20, 2**20]),
    "wrong.zarr.zip": lambda path: zarr_zip(path, shape="all", chunks=None),
    "negative.zarr.zip": lambda path: zarr_zip(path, shape=[-5, 64]),
    "zeros.zarr.zip": zip_of_zeros,
    "laughs.yaml": f"{YAML_LAUGHS}sources: *a11\n".encode(),
    "laughs-path.yaml": f"{YAML_LAUGHS}sources: [path: *a11]\n".encode(),
    "deep.yaml": b"sources: " + b"[" * 100_000,
    "deep.json": b'{"sources": ' + b"[" * 100_000,
    "numbers.json": b'{"sources": [{"path": "a"}], "width": ' + b"9" * 10_000 + b"}",
    "regex.yaml": b"sources: [{path: ., pathPattern: '(a+)+$'}]\n",
    "elsewhere.yaml": b"sources: [{path: ../../../../etc/hostname}]\n",
    "base.yaml": b"basePath: /etc\nsources: [{path: hostname}]\n",
    "itself.yaml": b"sources: [{path: itself.yaml}]\n",
    "python.yaml": b"sources: !!python/object/apply:os.system ['touch /tmp/owned']\n",
}  # fmt: skip


def write(folder: Path) -> list[Path]:
    """Write all of them to a folder, and return their paths."""
    for name, content in FILES.items():
        if isinstance(content, bytes):
            (folder / name).write_bytes(content)
        else:
            content(folder / name)
    return [folder / name for name in FILES]
