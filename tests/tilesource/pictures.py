"""Arrays as pictures to write, and what a file of them holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tifffile

import tilesource
from tilesource.geometry import Box
from tilesource.writing.picture import Picture


def picture(*frames: np.ndarray, **facts: object) -> Picture:
    """Return arrays of (height, width, bands), one a frame, as a picture."""
    height, width, bands = frames[0].shape

    def read(frame: int, box: Box) -> np.ndarray:
        return frames[frame][box.y : box.y + box.height, box.x : box.x + box.width]

    dtype = frames[0].dtype
    return Picture(width=width, height=height, bands=bands, dtype=dtype, read=read, **facts)


def pixels_of(path: Path, frame: int = 0) -> np.ndarray:
    """Return the pixels of a file as this library reads them."""
    with tilesource.open(path) as source:
        return source.getRegion(format="numpy", frame=frame)[0]


def levels_of(path: Path) -> list[np.ndarray]:
    """Return the pages of a TIFF of one frame as tifffile, which we did not write, reads them."""
    with tifffile.TiffFile(path) as tiff:
        return [page.asarray() for page in tiff.pages]


def psnr(first: np.ndarray, second: np.ndarray) -> float:
    """Return how much alike two pictures of 8 bits are, in dB."""
    error = ((first.astype(float) - second) ** 2).mean()
    return float(10 * np.log10(255**2 / error)) if error else float("inf")
