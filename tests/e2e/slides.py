"""Slides as scanners write them, with pixels that are known."""

from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

from tests.e2e.items import landscape

APERIO = "Aperio Image Library v11.2.1\r\n"
# A scanner's own file, where it lies beside the checkout.
REAL_SLIDE = Path(__file__).parents[2].parent / "shared" / "data" / "CMU-1-Small-Region.svs"
REAL_FACTS = {"sizeX": 2220, "sizeY": 2967, "magnification": 20, "tileWidth": 240}
OUR_FACTS = {"sizeX": 3000, "sizeY": 2000, "magnification": 20, "tileWidth": 256}


def write_slide(path: Path, width: int = 3000, height: int = 2000) -> np.ndarray:
    """Write an SVS with two levels, a thumbnail, a label and a macro; return its pixels."""
    base = landscape(width, height)
    jpeg = {"photometric": "rgb", "compression": "jpeg", "metadata": None}
    tiled = {"tile": (256, 256), **jpeg, "compressionargs": {"level": 98}}
    with tifffile.TiffWriter(path) as tiff:
        facts = f"{width}x{height} (256x256) JPEG/RGB Q=98|AppMag = 20|MPP = 0.4990"
        tiff.write(base, description=APERIO + facts, **tiled)
        tiff.write(base[::10, ::10], description=f"{APERIO}{width}x{height} -> thumbnail", **jpeg)
        tiff.write(base[::4, ::4], description=APERIO + "level", **tiled)
        tiff.write(
            base[:120, :150], description=APERIO + "label 150x120", subfiletype=1,
            photometric="rgb", compression="lzw", metadata=None,
        )  # fmt: skip
        tiff.write(
            base[:100, :300], description=APERIO + "macro 300x100", subfiletype=9, **jpeg
        )
    return base


def real_slide(folder: Path) -> tuple[Path, dict[str, int]]:
    """Return a scanner's own slide and its facts, or one that is written where there is none."""
    if REAL_SLIDE.exists():
        return REAL_SLIDE, REAL_FACTS
    write_slide(folder / "slide.svs")
    return folder / "slide.svs", OUR_FACTS


def write_photo(path: Path, width: int = 12000, height: int = 9000) -> np.ndarray:
    """Write a large RGB picture that no viewer could be served from; return its pixels."""
    pixels = landscape(width, height)
    Image.fromarray(pixels).save(path, compress_level=1, quality=95)
    return pixels
