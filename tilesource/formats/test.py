"""A synthetic image of any size: each tile is labelled with its place, for trying things out."""

from __future__ import annotations

import colorsys
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tilesource.constants import SourcePriority
from tilesource.errors import InvalidRequest, UnreadableFile
from tilesource.formats.base import ImageInfo, Level, Pixels, Reader, frames_of
from tilesource.formats.tiles import assemble
from tilesource.geometry import Box

_SCHEMES = ("large_image:", "tilesource:")
_RGB = {"red": 0, "green": 1, "blue": 2}
_AXES = ("c", "z", "t", "xy")  # of frames given as bare numbers
_MOST_FRAMES = 100_000
_LARGEST = 1 << 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One band of the image, and the values it ranges over."""

    name: str
    low: int = 0
    high: int = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class TestOptions:
    """What the image is like; sizes in pixels, levels as the tile grid numbers them."""

    __test__ = False  # pytest would take the class for a test

    minLevel: int = 0
    maxLevel: int = 9
    tileWidth: int = 256
    tileHeight: int = 256
    sizeX: int | None = None
    sizeY: int | None = None
    fractal: bool = False
    frames: str = ""
    monochrome: bool = False
    bands: str = ""

    def __post_init__(self) -> None:
        if not (16 <= self.tileWidth <= 4096 and 16 <= self.tileHeight <= 4096):
            raise InvalidRequest(f"a tile is not {self.tileWidth} x {self.tileHeight} pixels")
        if not 0 <= self.minLevel <= self.maxLevel <= 30:
            levels = f"{self.minLevel} to {self.maxLevel}"
            raise InvalidRequest(f"levels {levels} are not within 0 to 30")
        if not (1 <= self.size[0] <= _LARGEST and 1 <= self.size[1] <= _LARGEST):
            raise InvalidRequest(f"an image is not {self.size[0]} x {self.size[1]} pixels")

    @property
    def size(self) -> tuple[int, int]:
        """Return the width and height in pixels: as wanted, or as the levels make them."""
        width, height = self.tileWidth << self.maxLevel, self.tileHeight << self.maxLevel
        return (
            width if self.sizeX is None else self.sizeX,
            height if self.sizeY is None else self.sizeY,
        )


class TestReader(Reader):
    """The image that TestOptions describe; nothing is read from anywhere."""

    __test__ = False

    name = "test"
    extensions = {None: SourcePriority.MANUAL}
    mime_types = {None: SourcePriority.MANUAL}

    def __init__(self, path: Path, options: TestOptions) -> None:
        bands = _bands_of(options)
        axes = _axes_of(options.frames)
        finest = max(
            0, *((-(-size // tile) - 1).bit_length() for size, tile in zip(
                options.size, (options.tileWidth, options.tileHeight), strict=True))
        )  # fmt: skip
        self._levels = [
            _Level(options, bands, finest - z, z) for z in range(finest, options.minLevel - 1, -1)
        ] or [_Level(options, bands, 0, finest)]
        info = ImageInfo(
            levels=[each.level for each in self._levels],
            dtype=self._levels[0].dtype,
            bands=len(bands),
            frames=frames_of(axes) if axes else ({},),
            internal={"test": {"bands": [band.name for band in bands]}},
        )
        super().__init__(path, info)

    @classmethod
    def open(cls, path: Path) -> TestReader:
        """Open `large_image://test?sizeX=...`, whose query is made of TestOptions."""
        scheme, _, rest = str(path).replace(":/", ":", 1).partition("test")
        if scheme.rstrip("/") not in _SCHEMES:
            raise UnreadableFile(f"{path.name} is not the synthetic image large_image://test")
        return cls(path, options_of(dict(parse_qsl(rest.lstrip("?")))))

    def _read(self, level: int, frame: int, x: int, y: int, width: int, height: int) -> Pixels:
        tiles = _Frame(self._levels[level], frame, self.info.frames[frame])
        return assemble(tiles, Box(x=x, y=y, width=width, height=height))


class _Level:
    """One level: how its tiles are painted."""

    def __init__(self, options: TestOptions, bands: list[Band], step: int, z: int) -> None:
        self.options = options
        self.z = z
        self.bands = bands
        self.dtype = np.dtype(np.uint16 if any(band.high > 255 for band in bands) else np.uint8)
        width, height = options.size
        self.level = Level(
            width=max(1, width >> step), height=max(1, height >> step),
            tile_width=options.tileWidth, tile_height=options.tileHeight,
        )  # fmt: skip


class _Frame:
    """The tiles of one level of one frame."""

    def __init__(self, painted: _Level, number: int, axes: Mapping[str, int]) -> None:
        self._painted = painted
        self._number = number
        self._axes = axes
        self.level = painted.level
        self.bands = len(painted.bands)
        self.dtype = painted.dtype

    def is_stored(self, column: int, row: int) -> bool:
        """Tell that every tile is there."""
        return True

    def decode(self, column: int, row: int) -> Pixels:
        """Return a tile in a colour of its own, with its place written on it."""
        options = self._painted.options
        lit = _written(options, (column, row, self._painted.z), tuple(self._axes.items()))
        across = self.level.width / options.tileWidth
        hue = (column / across + self._number / 7) % 1
        colour = colorsys.hsv_to_rgb(hue, 0.5, 0.4 + 0.2 * (row % 4) / 4)
        bands = enumerate(self._painted.bands)
        planes = [_plane(lit, band, place, colour) for place, band in bands]
        return np.stack(planes, axis=-1).astype(self.dtype)

    def decode_reduced(self, column: int, row: int, factor: int) -> Pixels | None:
        """Return None: painting is as quick."""


def options_of(texts: Mapping[str, str]) -> TestOptions:
    """Return the options that a query names, or raise InvalidRequest."""
    flags, words = ("fractal", "monochrome"), ("frames", "bands")
    values: dict[str, object] = {}
    for name, text in texts.items():
        if name not in TestOptions.__dataclass_fields__:
            raise InvalidRequest(f"the test image has no option {name!r}")
        if name in words:
            values[name] = text
        elif name in flags:
            values[name] = text.lower() in ("true", "1", "yes")
        elif re.fullmatch(r"\d{1,13}", text):
            values[name] = int(text)
        else:
            raise InvalidRequest(f"{name} is a whole number, not {text!r}")
    return TestOptions(**values)  # type: ignore[arg-type]


def _bands_of(options: TestOptions) -> list[Band]:
    if options.bands:
        return [_band_of(text) for text in options.bands.split(",")]
    names = ("gray",) if options.monochrome else tuple(_RGB)
    return [Band(name=name) for name in names]


def _band_of(text: str) -> Band:
    """Parse `name` or `name=low-high`."""
    found = re.fullmatch(r"\s*(\w+)\s*(?:=\s*(\d{1,5})\s*-\s*(\d{1,5}))?\s*", text)
    if not found:
        raise InvalidRequest(f"a band is name=low-high, not {text!r}")
    name, low, high = found.groups()
    band = Band(name=name) if low is None else Band(name=name, low=int(low), high=int(high))
    if not band.low <= band.high <= 65535:
        raise InvalidRequest(f"a band ranges from 0 to 65535 at most, not {text!r}")
    return band


def _axes_of(text: str) -> dict[str, int]:
    """Parse `c=2,z=3` or `2,3`, in the order c, z, t, xy; the first changes fastest."""
    sizes: dict[str, int] = {}
    for place, part in enumerate(text.split(",") if text else ()):
        found = re.fullmatch(r"\s*(?:([a-zA-Z]+)\s*=)?\s*(\d{1,6})\s*", part)
        name = found and (found[1] or (_AXES[place] if place < len(_AXES) else None))
        if not found or not name or int(found[2]) < 1:
            raise InvalidRequest(f"frames are c=2,z=3 or the like, not {text!r}")
        sizes[name.lower()] = int(found[2])
    if np.prod(list(sizes.values()), dtype=np.float64) > _MOST_FRAMES:
        raise InvalidRequest(f"{text!r} are more than {_MOST_FRAMES:,} frames")
    return dict(reversed([(axis, size) for axis, size in sizes.items() if size > 1]))


@functools.lru_cache(64)
def _written(
    options: TestOptions, place: tuple[int, int, int], axes: tuple[tuple[str, int], ...]
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return which pixels of a tile are lit: all but the writing and, if wanted, the fractal."""
    image = Image.new("1", (options.tileWidth, options.tileHeight), 1)
    size = min(options.tileWidth, options.tileHeight)
    lines = [f"{name}={value}" for name, value in zip("xyz", place, strict=True)]
    lines += [f"{axis.upper()}={value}" for axis, value in axes]
    font = ImageFont.load_default(size=max(8, size // 10))
    ImageDraw.Draw(image).multiline_text((size // 25, size // 25), "\n".join(lines), 0, font)
    lit = np.asarray(image)
    if not options.fractal:
        return lit
    # The bits that two coordinates share draw Sierpinski's triangle, alike at every scale.
    y, x = np.indices(lit.shape)
    both: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] = np.logical_and(lit, (x & y) != 0)
    return both


def _plane(
    lit: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    band: Band,
    place: int,
    colour: tuple[float, float, float],
) -> Pixels:
    share = colour[_RGB.get(band.name, place % 3)]
    return np.where(lit, round(band.low + share * (band.high - band.low)), band.low)
