"""Deep Zoom: a .dzi descriptor beside a folder of tiles, one folder a level.

Source: Microsoft's Deep Zoom file format overview, schema 2008 (and 2009, the same but its name).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np
from PIL import Image

from tilesource.constants import SourcePriority
from tilesource.errors import DamagedFile, UnreadableFile
from tilesource.formats.base import ImageInfo, Level, Pixels, RawTile, Reader
from tilesource.formats.safe_xml import parse_xml
from tilesource.formats.tiles import assemble, holes_of
from tilesource.geometry import Box

_LONGEST_DESCRIPTOR = 1 << 16
_LARGEST_TILE = 4096
_MIME = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
_MODES = {"L": 1, "RGB": 3, "RGBA": 4}
_DECODE_ERRORS = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Descriptor:
    """What a .dzi file says."""

    width: int
    height: int
    tile: int
    overlap: int
    suffix: str

    @property
    def finest(self) -> int:
        """Return the number of the full-resolution level; level 0 is one pixel."""
        return math.ceil(math.log2(max(self.width, self.height, 1)))


class DeepZoomReader(Reader):
    """A Deep Zoom pyramid; nothing outside of its own folder of tiles is read."""

    name = "deepzoom"
    reads_other_files = True
    extensions = {None: SourcePriority.MANUAL, "dzi": SourcePriority.HIGH}
    mime_types = {None: SourcePriority.MANUAL, "application/dzi": SourcePriority.HIGH}

    def __init__(self, path: Path, said: _Descriptor, tiles: Path) -> None:
        finest = said.finest
        numbers = range(finest, -1, -1)
        stored = [number for number in numbers if _is_own_folder(tiles / str(number))]
        if not stored or stored[0] != finest:
            raise DamagedFile("the tiles of its full resolution are missing")
        mode = _mode_of(tiles, finest, said)
        self._levels = [
            _Tiles(tiles / str(number), said, finest - number, mode) for number in stored
        ]
        info = ImageInfo(
            levels=[each.level for each in self._levels],
            dtype=np.dtype(np.uint8),
            bands=_MODES[mode],
            lossy=_MIME[said.suffix] == "image/jpeg",
        )
        super().__init__(path, info)

    @classmethod
    def open(cls, path: Path) -> DeepZoomReader:
        said = _descriptor(path)
        folder = path.with_name(f"{path.stem}_files")
        if not folder.is_dir():
            raise UnreadableFile(f"{path.name} has no folder of tiles beside it, {folder.name}")
        if folder.is_symlink():
            raise UnreadableFile(f"{folder.name}, the tiles of {path.name}, lies elsewhere")
        try:
            return cls(path, said, folder)
        except DamagedFile as exc:
            raise DamagedFile(f"{path.name} is damaged: {exc}") from exc

    def _read(self, level: int, frame: int, x: int, y: int, width: int, height: int) -> Pixels:
        return assemble(self._levels[level], Box(x=x, y=y, width=width, height=height))

    def _holes(self, level: int, frame: int, box: Box) -> Sequence[Box]:
        return holes_of(self._levels[level], box)

    def _raw_tile(self, level: int, frame: int, column: int, row: int) -> RawTile | None:
        return self._levels[level].raw_tile(column, row)


class _Tiles:
    """The tiles of one level, each a file `column_row.suffix`."""

    dtype = np.dtype(np.uint8)

    def __init__(self, folder: Path, said: _Descriptor, step: int, mode: str) -> None:
        self._folder = folder
        self._said = said
        self._mode = mode
        self.bands = _MODES[mode]
        self.level = Level(
            width=-(-said.width // (1 << step)), height=-(-said.height // (1 << step)),
            tile_width=said.tile, tile_height=said.tile,
        )  # fmt: skip

    def is_stored(self, column: int, row: int) -> bool:
        """Tell whether there is a file for the tile."""
        return self._file(column, row) is not None

    def decode(self, column: int, row: int) -> Pixels | None:
        """Return a tile's pixels without its overlap, or None if there is no file for it."""
        file = self._file(column, row)
        if file is None:
            return None
        try:
            with Image.open(file, formats=("JPEG", "PNG", "WEBP")) as image:
                if max(image.size) > self._said.tile + 2 * self._said.overlap:
                    raise DamagedFile(f"tile {file.name} is {image.width} x {image.height}")
                pixels = np.asarray(image.convert(self._mode))
        except _DECODE_ERRORS as exc:
            raise DamagedFile(f"tile {file.name} is damaged: {exc}") from exc
        return self._without_overlap(pixels, column, row)

    def decode_reduced(self, column: int, row: int, factor: int) -> Pixels | None:
        """Return None: tiles are read whole."""

    def raw_tile(self, column: int, row: int) -> RawTile | None:
        """Return a tile's file as it is, if it has the size of the tile."""
        file = self._file(column, row)
        if file is None or self._said.overlap:
            return None
        return RawTile(file.read_bytes(), _MIME[self._said.suffix])

    def _file(self, column: int, row: int) -> Path | None:
        file = self._folder / f"{column}_{row}.{self._said.suffix}"
        # A link could lead to any other file of the server.
        return file if file.is_file() and not file.is_symlink() else None

    def _without_overlap(self, pixels: Pixels, column: int, row: int) -> Pixels:
        overlap, tile = self._said.overlap, self._said.tile
        left, top = overlap if column else 0, overlap if row else 0
        inside = pixels[top : top + tile, left : left + tile]
        return inside.reshape(*inside.shape[:2], self.bands)


def _descriptor(path: Path) -> _Descriptor:
    with path.open("rb") as file:
        text = file.read(_LONGEST_DESCRIPTOR).decode("utf-8-sig", "replace")
    root = parse_xml(text.lstrip())
    if root is None or not re.fullmatch(r"\{.*deepzoom.*\}Image", str(root.tag)):
        raise UnreadableFile(f"{path.name} is not a Deep Zoom descriptor")
    size = root.find("{*}Size")
    said = _Descriptor(
        width=_whole(size, "Width"), height=_whole(size, "Height"),
        tile=_whole(root, "TileSize"), overlap=_whole(root, "Overlap"),
        suffix=str(root.get("Format", "")).lower(),
    )  # fmt: skip
    fits = min(said.width, said.height) > 0 and 0 < said.tile <= _LARGEST_TILE
    if not fits or said.overlap >= said.tile or said.suffix not in _MIME:
        raise UnreadableFile(f"{path.name} describes an image that makes no sense: {said}")
    return said


def _is_own_folder(folder: Path) -> bool:
    return folder.is_dir() and not folder.is_symlink()


def _whole(node: Element | None, name: str) -> int:
    text = "" if node is None else node.get(name, "")
    return int(text) if re.fullmatch(r"\d{1,9}", text) else -1


def _mode_of(tiles: Path, finest: int, said: _Descriptor) -> str:
    """Return the Pillow mode of the first tile, which is that of all."""
    file = tiles / str(finest) / f"0_0.{said.suffix}"
    if file.is_symlink():
        raise DamagedFile("its first tile lies elsewhere")
    try:
        with Image.open(file, formats=("JPEG", "PNG", "WEBP")) as image:
            mode: Any = image.mode
    except _DECODE_ERRORS as exc:
        raise DamagedFile(f"its first tile cannot be read: {exc}") from exc
    return mode if mode in _MODES else "RGB"
