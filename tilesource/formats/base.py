"""What every format tells: the levels, the frames and the pixels of one open file."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from tilesource.constants import SourcePriority
from tilesource.errors import DamagedFile, InvalidRequest, UnreadableFile
from tilesource.geometry import Box

Pixels = npt.NDArray[Any]
"""An array of shape (height, width, bands)."""


_FASTEST = ("c", "z", "t")
# More than any sensor has, and as many as can be resampled in the time that one waits for.
_MOST_BANDS = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One stored resolution, in its own pixels; `tiled` if it is stored in tiles, not in strips."""

    width: int
    height: int
    tile_width: int
    tile_height: int
    tiled: bool = True


@dataclass(frozen=True, slots=True)
class RawTile:
    """A stored tile as a browser can show it."""

    data: bytes
    mime: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageInfo:
    """All that is known of an image before a pixel is read; levels[0] is full resolution."""

    levels: Sequence[Level]
    dtype: np.dtype[Any]
    bands: int
    frames: Sequence[Mapping[str, int]] = ({},)  # per frame, its index on each axis
    channels: Sequence[str] = ()
    background: Sequence[float] = ()  # a pixel such as lie beyond the edges; () is black
    magnification: float | None = None
    mm_x: float | None = None
    mm_y: float | None = None
    lossy: bool = False  # stored with loss, so that storing it with loss again costs little
    associated: Sequence[str] = ()
    icc_profile: bytes | None = None
    internal: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.levels or not self.frames:
            raise InvalidRequest("an image has at least one level and one frame")
        if not 1 <= self.bands <= _MOST_BANDS:
            raise UnreadableFile(f"pixels of {self.bands:,} bands are not supported")


def magnification_of(mm_x: float | None) -> float | None:
    """Return the objective that makes pixels of that size: 10 micrometres are 1x."""
    return 0.01 / mm_x if mm_x else None


def slowest_first(axes: Mapping[str, int]) -> dict[str, int]:
    """Return the lengths of axes in the order in which frames are counted.

    The last and fastest is c, before it z and t; those of any other name are the slower, the later
    in the alphabet.
    """

    def rank(axis: str) -> tuple[int, str]:
        return (_FASTEST.index(axis) if axis in _FASTEST else len(_FASTEST)), axis

    return {axis: axes[axis] for axis in sorted(axes, key=rank, reverse=True)}


def frames_of(axes: Mapping[str, int]) -> tuple[Mapping[str, int], ...]:
    """Return the frames of a full grid of axes, the last axis changing fastest."""
    steps = itertools.product(*(range(size) for size in axes.values()))
    return tuple(dict(zip(axes, step, strict=True)) for step in steps)


class Reader(ABC):
    """Pixels of one open file; knows its format, never HTTP, caches, styles or encodings."""

    name: ClassVar[str]
    reads_folders: ClassVar[bool] = False
    reads_other_files: ClassVar[bool] = False  # those that a file of the format names
    extensions: ClassVar[Mapping[str | None, SourcePriority]] = {None: SourcePriority.FALLBACK}
    mime_types: ClassVar[Mapping[str | None, SourcePriority]] = {None: SourcePriority.FALLBACK}

    def __init__(self, path: Path, info: ImageInfo) -> None:
        self.path = path
        self.info = info

    @classmethod
    @abstractmethod
    def open(cls, path: Path) -> Reader:
        """Open the file, or raise UnreadableFile with the reason; read no pixels."""

    def read(self, level: int, frame: int, x: int, y: int, width: int, height: int) -> Pixels:
        """Return the rectangle in the pixels of a level, in the file's own dtype."""
        self._check(level, frame)
        stored = self.info.levels[level]
        inside = x >= 0 and y >= 0 and x + width <= stored.width and y + height <= stored.height
        if not inside or width < 1 or height < 1:
            raise InvalidRequest(
                f"({x}, {y}) {width} x {height} is not within level {level}, "
                f"which is {stored.width} x {stored.height}"
            )
        pixels = self._read(level, frame, x, y, width, height)
        if pixels.shape != (height, width, self.info.bands):
            raise DamagedFile(f"frame {frame} of {self.path.name} has other pixels than the first")
        return pixels

    def read_reduced(self, level: int, frame: int, box: Box, factor: int) -> Pixels | None:
        """Return the mean of each factor x factor block of a box within a level.

        None means that the format cannot do it for less than reading the box whole. The factor is
        2, 4 or 8; a last, partial block counts as one.
        """
        self._check(level, frame)
        return self._read_reduced(level, frame, box, factor)

    def holes(self, level: int, frame: int, box: Box) -> Sequence[Box]:
        """Return the parts of a box within a level, in its pixels, that the file stores none of."""
        self._check(level, frame)
        return self._holes(level, frame, box)

    def raw_tile(self, level: int, frame: int, column: int, row: int) -> RawTile | None:
        """Return a tile's stored bytes, or None when it must be decoded."""
        self._check(level, frame)
        return self._raw_tile(level, frame, column, row)

    def associated_image(self, key: str) -> Pixels | None:
        """Return a label, macro or thumbnail whole, or None if there is none of that name."""
        return self._associated_image(key) if key in self.info.associated else None

    def close(self) -> None:  # noqa: B027 - most readers hold nothing that needs closing
        """Release what the reader holds open; it is not used again."""

    def _check(self, level: int, frame: int) -> None:
        if not 0 <= level < len(self.info.levels):
            raise InvalidRequest(f"level {level} is not one of {len(self.info.levels)}")
        if not 0 <= frame < len(self.info.frames):
            raise InvalidRequest(f"frame {frame} is not one of {len(self.info.frames)}")

    @abstractmethod
    def _read(self, level: int, frame: int, x: int, y: int, width: int, height: int) -> Pixels: ...

    def _read_reduced(self, level: int, frame: int, box: Box, factor: int) -> Pixels | None:
        return None

    def _holes(self, level: int, frame: int, box: Box) -> Sequence[Box]:
        return ()

    def _raw_tile(self, level: int, frame: int, column: int, row: int) -> RawTile | None:
        return None

    def _associated_image(self, key: str) -> Pixels | None:
        return None
