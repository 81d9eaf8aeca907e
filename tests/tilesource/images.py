"""Small images that tests write themselves, so that no test depends on a file being there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyvips
import tifffile

RNG = np.random.default_rng(5)


def smooth(width: int, height: int, bands: int = 3) -> np.ndarray:
    """Return a gentle picture in which every place looks different."""
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(x / (17 + 5 * band)) + np.cos(y / (23 - 3 * band)) for band in range(bands)]
    return np.stack([(wave + 2) * 63 for wave in waves], axis=-1).astype(np.uint8)


def noise(width: int, height: int, bands: int = 3, dtype: str = "uint8") -> np.ndarray:
    """Return random pixels over the whole range of an integer type."""
    limits = np.iinfo(dtype)
    return RNG.integers(limits.min, limits.max, (height, width, bands), dtype, endpoint=True)


def save(pixels: np.ndarray, path: Path, **options: object) -> Path:
    """Write an array with libvips, in the format that the name asks for."""
    pyvips.Image.new_from_array(pixels).write_to_file(str(path), **options)
    return path


def jpeg_pyramid(path: Path, width: int = 1000, height: int = 700) -> Path:
    """Write a tiled pyramid of JPEG tiles, as scanners do."""
    options = {"tile": True, "pyramid": True, "compression": "jpeg", "Q": 90}
    return save(smooth(width, height), path, tile_width=128, tile_height=128, **options)


def lossless_pyramid(path: Path, width: int = 900, height: int = 600) -> Path:
    """Write a tiled pyramid whose levels are in SubIFDs."""
    options = {"tile": True, "pyramid": True, "compression": "deflate", "subifd": True}
    return save(noise(width, height), path, tile_width=128, tile_height=128, **options)


def aperio(path: Path, width: int = 600, height: int = 400) -> Path:
    """Write an SVS: a tiled level, a thumbnail, one smaller level, a label and a macro."""
    base = smooth(width, height)
    tiles = {"tile": (112, 112), "photometric": "rgb", "compression": "jpeg", "metadata": None}
    strips = {"photometric": "rgb", "metadata": None}
    note = "Aperio Image Library v1\r\n600x400|AppMag = 40|MPP = 0.25"
    with tifffile.TiffWriter(path) as tiff:
        tiff.write(base, description=note, **tiles)
        tiff.write(base[::8, ::8], description=note, **strips)
        tiff.write(np.ascontiguousarray(base[::4, ::4]), description=note, **tiles)
        tiff.write(smooth(60, 50), description="Aperio\r\nlabel 60x50", subfiletype=1, **strips)
        tiff.write(smooth(90, 40), description="Aperio\r\nmacro 90x40", subfiletype=9, **strips)
    return path


def ome(path: Path) -> Path:
    """Write an OME-TIFF of 2 channels x 3 focal planes, 16 bits deep."""
    planes = noise(300, 200, 6, "uint16").transpose(2, 0, 1).reshape(2, 3, 200, 300)
    facts = {
        "axes": "CZYX", "Channel": {"Name": ["DAPI", "CY5"]},
        "PhysicalSizeX": 0.5, "PhysicalSizeXUnit": "µm",
        "PhysicalSizeY": 500, "PhysicalSizeYUnit": "nm",
    }  # fmt: skip
    tifffile.imwrite(path, planes, metadata=facts, photometric="minisblack", tile=(64, 64))
    return path


def planar(path: Path) -> Path:
    """Write a TIFF that stores each band apart."""
    planes = noise(200, 150).transpose(2, 0, 1)
    tifffile.imwrite(path, planes, planarconfig="separate", photometric="rgb", tile=(64, 64))
    return path


def palette(path: Path) -> Path:
    """Write a TIFF whose pixels are numbers of colours."""
    colours = RNG.integers(0, 65536, (3, 256), np.uint16)
    tifffile.imwrite(path, noise(64, 48, 1)[..., 0], photometric="palette", colormap=colours)
    return path


# Every kind of file that must fulfil what all formats promise: name -> how to write it.
SAMPLES: dict[str, Callable[[Path], Path]] = {
    "jpeg-pyramid.tif": jpeg_pyramid,
    "lossless-pyramid.tif": lossless_pyramid,
    "aperio.svs": aperio,
    "planes.ome.tif": ome,
    "rgb.png": lambda path: save(noise(500, 300), path),
    "alpha.png": lambda path: save(noise(70, 50, 4), path),
    "grey16.png": lambda path: save(noise(301, 203, 1, "uint16"), path),
    "photo.jpg": lambda path: save(smooth(640, 480), path, Q=92),
    "one.png": lambda path: save(noise(1, 1), path),
    "strips.tif": lambda path: save(noise(333, 222, 1, "uint16"), path),
    "planar.tif": planar,
    "palette.tif": palette,
    "float.tif": lambda path: save(noise(90, 80, 1).astype(np.float32) / 255, path),
}
