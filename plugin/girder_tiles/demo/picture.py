"""A picture to convert when none is given: it looks a little like stained tissue."""

import os
from pathlib import Path

import pyvips

WIDTH, HEIGHT = 8000, 6000
GLASS = [243.0, 241.0, 244.0]
STROMA = [226.0, 152.0, 188.0]
NUCLEUS = [92.0, 58.0, 140.0]
NUCLEUS_RADIUS = 10


def make_picture(path: Path) -> None:
    """Write the picture as PNG, computed strip by strip: it is never in memory as a whole."""
    partial = path.with_suffix(".partial")
    _tissue().pngsave(str(partial), compression=1)
    os.replace(partial, path)


def _tissue() -> pyvips.Image:
    density = _between_0_and_1(_noise(1024) * 4 + _noise(256) * 2 + 0.6)
    distance = pyvips.Image.worley(WIDTH, HEIGHT, cell_size=48, seed=3)
    nuclei = _between_0_and_1((NUCLEUS_RADIUS - distance) / 4) * density
    stroma = _mix(GLASS, STROMA, density) + _noise(24) * density * 30
    return (stroma * (1 - nuclei) + nuclei * NUCLEUS).cast("uchar").copy(interpretation="srgb")


def _noise(cell_size: int) -> pyvips.Image:
    return pyvips.Image.perlin(WIDTH, HEIGHT, cell_size=cell_size, seed=7)


def _between_0_and_1(image: pyvips.Image) -> pyvips.Image:
    return (image < 0).ifthenelse(0, (image > 1).ifthenelse(1, image))


def _mix(first: list[float], second: list[float], share: pyvips.Image) -> pyvips.Image:
    return (1 - share) * first + share * second
