"""Images that are known by their colours."""

from pathlib import Path

import numpy as np
import tifffile
from PIL import Image


def rainbow(path: Path, width: int, height: int) -> Path:
    """Write an image: red grows to the right, green downwards, blue waves."""
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[..., 0] = x * 255 // width
    pixels[..., 1] = y * 255 // height
    pixels[..., 2] = (x // 16 + y // 16) % 64 + 96
    Image.fromarray(pixels).save(path, compress_level=1)
    return path


def three_frames(path: Path) -> Path:
    """Write an image of three frames, whose middles are 30, 90 and 150."""
    gradient = np.tile(np.arange(1600) * 60 // 1600, (1200, 1))
    frames = np.stack([gradient, gradient + 60, gradient + 120]).astype(np.uint8)
    channels = {"Name": ["DAPI", "FITC", "Cy5"]}
    metadata = {"axes": "CYX", "Channel": channels}
    tifffile.imwrite(path, frames, ome=True, tile=(256, 256), metadata=metadata)
    return path


def cut_off(path: Path) -> Path:
    """Remove the second half of a file."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path
