"""Small images that tests write themselves, so that no test depends on a file being there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pyvips
import tifffile
import yaml
import zarr
from PIL import Image

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


def turned(path: Path) -> Path:
    """Write a tiled TIFF of a camera that was held on its side."""
    tag = [(274, "H", 1, 6, True)]
    tifffile.imwrite(
        path, smooth(300, 200), photometric="rgb", tile=(64, 64), metadata=None, extratags=tag
    )
    return path


def sparse(path: Path) -> Path:
    """Write a pyramid of which two tiles are stored in the smaller level only."""
    base = smooth(600, 400)
    options = {"photometric": "rgb", "tile": (64, 64), "metadata": None, "compression": "deflate"}
    with tifffile.TiffWriter(path) as tiff:
        tiff.write(base, **options)
        tiff.write(np.ascontiguousarray(base[::2, ::2]), subfiletype=1, **options)
    with tifffile.TiffFile(path, mode="r+") as tiff:
        for name in ("TileByteCounts", "TileOffsets"):
            tag = tiff.pages[0].tags[name]
            values = enumerate(tag.value)
            tag.overwrite([0 if index in (0, 3) else value for index, value in values])
    return path


def plain(path: Path, pixels: np.ndarray, **options: object) -> Path:
    """Write an array as a TIFF without notes of its shape."""
    tifffile.imwrite(path, pixels, metadata=None, **options)
    return path


def imagej(path: Path) -> Path:
    """Write an ImageJ hyperstack, whose planes lie in one piece after one page."""
    planes = np.stack([noise(150, 100, 1, "uint16")[..., 0] for _ in range(12)])
    facts = {"axes": "TZCYX", "unit": "um"}
    tifffile.imwrite(
        path, planes.reshape(2, 3, 2, 100, 150), imagej=True, resolution=(4, 4), metadata=facts
    )
    return path


def jpeg_2000_slide(path: Path) -> Path:
    """Write an SVS whose tiles are JPEG 2000 of luma and chroma, as Aperio's first ones were."""
    base = np.asarray(Image.fromarray(smooth(384, 256)).convert("YCbCr"))
    tiles = [base[y : y + 128, x : x + 128] for y in (0, 128) for x in (0, 128, 256)]
    streams = (
        imagecodecs.jpeg2k_encode(tile.copy(), codecformat="j2k", mct=False, reversible=True)
        for tile in tiles
    )
    tifffile.imwrite(
        path, streams, shape=base.shape, dtype="uint8", tile=(128, 128), photometric="rgb",
        compression=33003, metadata=None, description="Aperio Image|AppMag = 20|MPP = 0.5",
    )  # fmt: skip
    return path


def animated(path: Path) -> Path:
    """Write three frames in the format that the name asks for."""
    frames = [Image.fromarray(np.roll(smooth(120, 90), 9 * step, 0)) for step in range(3)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    return path


def pillow(path: Path) -> Path:
    """Write a picture with Pillow, in the format that the name asks for."""
    Image.fromarray(smooth(320, 200)).save(path)
    return path


def deep_zoom(path: Path) -> Path:
    """Write a Deep Zoom pyramid whose tiles overlap by a pixel."""
    image = pyvips.Image.new_from_array(smooth(500, 400))
    image.dzsave(str(path.with_suffix("")), suffix=".png", tile_size=126, overlap=1)
    return path


def ngff(path: Path, zarr_format: int = 2) -> Path:
    """Write an OME-NGFF image of 2 channels x 3 depths in two levels."""
    group = zarr.open_group(str(path), mode="w", zarr_format=zarr_format)
    values = noise(300, 200, 6).transpose(2, 0, 1).reshape(2, 3, 200, 300)
    datasets = []
    for level in range(2):
        step = 2**level
        blocks = values.reshape(2, 3, 200 // step, step, 300 // step, step)
        group.create_array(
            str(level), data=np.rint(blocks.mean(axis=(3, 5))).astype(np.uint8),
            chunks=(1, 1, 128, 128),
        )  # fmt: skip
        scale = {"type": "scale", "scale": [1, 2, 0.5 * step, 0.25 * step]}
        datasets.append({"path": str(level), "coordinateTransformations": [scale]})
    kinds = {"c": "channel", "z": "space", "y": "space", "x": "space"}
    axes = [{"name": name, "type": kind} for name, kind in kinds.items()]
    for axis in axes[1:]:
        axis["unit"] = "micrometer"
    images = {"multiscales": [{"version": "0.4", "axes": axes, "datasets": datasets}]}
    images["omero"] = {"channels": [{"label": "DAPI"}, {"label": "CY5"}]}
    group.attrs.update(images if zarr_format == 2 else {"ome": images})
    return path


def zipped_ngff(path: Path) -> Path:
    """Write the same image into a zip file."""
    folder = ngff(path.with_suffix(""))
    return Path(shutil.make_archive(str(folder), "zip", folder))


def many_files(path: Path) -> Path:
    """Write a document that puts two files side by side, a third over them, and a second depth."""
    for number, shift in enumerate((0, 40, 80)):
        plain(path.with_name(f"part{number}.tif"), np.roll(smooth(200, 150), shift, 1),
              photometric="rgb", tile=(64, 64))  # fmt: skip
    sources = [
        {"path": "part0.tif", "z": 0}, {"path": "part1.tif", "z": 0, "position": {"x": 200}},
        {"path": "part2.tif", "z": 0, "position": {"x": 100, "y": 30, "scale": 0.5}},
        {"path": "part2.tif", "z": 1, "position": {"s11": 0, "s12": 1, "s21": 1, "s22": 0}},
    ]  # fmt: skip
    path.write_text(yaml.safe_dump({"sources": sources, "scale": {"mm_x": 0.001, "mm_y": 0.001}}))
    return path


def synthetic(path: Path) -> Path:
    """Return the name of the synthetic image, whose levels are made of the finest one."""
    return Path("tilesource://test?sizeX=700&sizeY=500&tileWidth=128&minLevel=3&maxLevel=3")


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
    "turned.tif": turned,
    "cmyk.tif": lambda path: plain(path, smooth(200, 150, 4), photometric="separated"),
    "black-on-white.tif": lambda path: plain(
        path, smooth(200, 150, 1)[..., 0], photometric="miniswhite", tile=(64, 64)
    ),
    "bits.tif": lambda path: plain(path, smooth(200, 150, 1)[..., 0] > 120),
    "signed.tif": lambda path: plain(path, noise(200, 150, 1, "int16")[..., 0], tile=(64, 64)),
    "uint32.tif": lambda path: plain(path, noise(200, 150, 1, "uint32")[..., 0], compression="lzw"),
    "half.tif": lambda path: plain(path, (smooth(200, 150, 1)[..., 0] / 255).astype(np.float16)),
    "five-bands.tif": lambda path: plain(
        path, smooth(200, 150, 5), photometric="minisblack", planarconfig="contig", tile=(64, 64)
    ),
    "pages.tif": lambda path: plain(
        path, noise(90, 70, 5).transpose(2, 0, 1), photometric="minisblack", tile=(64, 64)
    ),
    "hyperstack.tif": imagej,
    "jpeg2000.svs": jpeg_2000_slide,
    "slide.svslide": aperio,
    "animated.png": animated,
    "animated.gif": animated,
    "picture.jp2": pillow,
    "picture.bmp": pillow,
    "zoom.dzi": deep_zoom,
    "image.zarr": ngff,
    "image.zarr.zip": zipped_ngff,
    "image3.zarr": lambda path: ngff(path, zarr_format=3),
    "many.yaml": many_files,
    "synthetic": synthetic,
}
