"""Arrays in the place of files, for tests of what happens to pixels once they are read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tilesource.formats.base import ImageInfo, Level, Reader
from tilesource.geometry import Box
from tilesource.rendering import Renderer


class ArrayReader(Reader):
    """An image of one level, each frame being an array of (height, width, bands)."""

    name = "array"

    def __init__(self, *frames: np.ndarray, icc_profile: bytes | None = None) -> None:
        height, width, bands = frames[0].shape
        level = Level(width=width, height=height, tile_width=width, tile_height=height)
        info = ImageInfo(
            levels=(level,), dtype=frames[0].dtype, bands=bands,
            frames=tuple({"c": number} for number in range(len(frames))), icc_profile=icc_profile,
        )  # fmt: skip
        super().__init__(Path("array"), info)
        self._frames = frames

    @classmethod
    def open(cls, path: Path) -> ArrayReader:
        raise NotImplementedError

    def _read(self, level: int, frame: int, x: int, y: int, width: int, height: int) -> np.ndarray:
        return self._frames[frame][y : y + height, x : x + width]


def row(*values: object, dtype: str = "uint8") -> np.ndarray:
    """Return an image one pixel high, a value or a tuple of values a pixel."""
    pixels = np.array(values, dtype)
    return pixels.reshape(1, len(values), -1)


def render(
    *frames: np.ndarray,
    style: str | Mapping[str, Any] | None,
    frame: int = 0,
    screen: bool = False,
    icc_profile: bytes | None = None,
) -> np.ndarray:
    """Return a whole frame as the style shows it."""
    renderer = Renderer(ArrayReader(*frames, icc_profile=icc_profile), style)
    height, width = frames[0].shape[:2]
    box = Box(x=0, y=0, width=width, height=height)
    return renderer.region(frame, box, width, height, for_screen=screen)
