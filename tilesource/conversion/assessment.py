"""Whether an image can be served as it is."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from tilesource.errors import TileSourceError
from tilesource.formats.base import Reader
from tilesource.reading import downsample_of
from tilesource.source import TileSource

# As large as a level may be that is read whole to show the image at its smallest.
SMALL = 4096
# As far apart as levels may be: scanners write levels of 1/4, and 1/8 still reads little.
_LARGEST_GAP = 8.5


@dataclass(frozen=True, slots=True)
class Assessment:
    """Whether an image needs to be converted, and why, in a sentence."""

    needed: bool
    reason: str


def assess(source: TileSource, small: int = SMALL) -> Assessment:
    """Return whether a source has to be converted before it can be served well."""
    size = f"{source.sizeX:,} x {source.sizeY:,} pixels"
    if max(source.sizeX, source.sizeY) <= small:
        return Assessment(False, f"The image is small enough to be served as it is ({size}).")
    levels = source.reader.info.levels
    if not levels[0].tiled:
        return Assessment(True, f"The image is large ({size}) and not stored in tiles.")
    steps = sorted(downsample_of(source.reader, number) for number in range(len(levels)))
    gaps = [coarse / fine for fine, coarse in itertools.pairwise(steps)]
    # A strip of an image, however long, is as quick to read as a square of as many pixels.
    smallest = min(level.width * level.height for level in levels)
    if smallest > small**2 or any(gap > _LARGEST_GAP for gap in gaps):
        return Assessment(True, f"The image is large ({size}) and lacks lower resolutions.")
    return Assessment(False, "The image is a tiled pyramid already.")


def check_readable(source: TileSource) -> None:
    """Raise what reading fails of if a pixel of no level can be read, the coarsest tried first.

    Each costs a tile or strip. One of more pixels than a small image has is taken on trust.
    """
    failures = []
    for number in reversed(range(len(source.reader.info.levels))):
        try:
            return _read_a_pixel(source.reader, number)
        except TileSourceError as exc:
            failures.append(exc)
    raise failures[-1]


def _read_a_pixel(reader: Reader, number: int) -> None:
    level = reader.info.levels[number]
    if level.tile_width * level.tile_height <= SMALL**2:
        reader.read(number, 0, 0, 0, 1, 1)
