"""Tiles of the grid that viewers ask for by column, row and level."""

from __future__ import annotations

from functools import cached_property

from tilesource import encoding as enc
from tilesource import reading
from tilesource.canvas import Canvas, View
from tilesource.errors import TileOutside, TileSourceError
from tilesource.formats.base import Pixels, RawTile, Reader
from tilesource.geometry import Box


class TileGrid:
    """The tiles of an image; `edge` cuts the outermost (True), or is the colour beyond them."""

    def __init__(self, canvas: Canvas, reader: Reader, edge: bool | str) -> None:
        self._canvas = canvas
        self._grid = canvas.grid
        self._reader = reader
        self._edge = edge

    def raw(self, x: int, y: int, z: int, frame: int, mime: str) -> RawTile | None:
        """Return a tile's stored bytes if they are just what would be sent, else None."""
        self._check(x, y, z)
        level = self._stored.get(z)
        if level is None or self._canvas.renderer.has_style:
            return None
        if self._edge and not self._is_whole(x, y, z):
            return None
        raw = self._reader.raw_tile(level, self._canvas.frame(frame), x, y)
        return raw if raw is not None and raw.mime == mime else None

    def pixels(
        self, x: int, y: int, z: int, frame: int, sparse: bool, for_screen: bool = False
    ) -> Pixels:
        """Return a tile, in which what is not stored comes from coarser levels.

        Unless it may be `sparse`, a tile of which nothing is stored is an error.
        """
        self._check(x, y, z)
        number = self._canvas.frame(frame)
        if not sparse:
            self._check_stored(x, y, z, number)
        width, height = self._grid.size_at(self._grid.downsample(z))
        view = View(box=self._cut(z), width=width, height=height, frame=number)
        pixels = self._canvas.pixels(view, self._window(x, y, z), for_screen)
        if self._edge is True:
            return pixels
        background = () if self._canvas.renderer.has_style else self._canvas.info.background
        colour = self._edge or background
        return enc.fill_to(pixels, self._grid.tile_width, self._grid.tile_height, colour)

    @cached_property
    def _stored(self) -> dict[int, int]:
        """Return, for each level of the grid that is stored in the same tiles, its number."""
        stored, top = {}, self._grid.levels - 1
        size = (self._grid.tile_width, self._grid.tile_height)
        for number, level in enumerate(self._reader.info.levels):
            downsample = reading.downsample_of(self._reader, number)
            same_tiles = (level.tile_width, level.tile_height) == size
            if level.tiled and same_tiles and downsample.is_integer():
                stored[top + 1 - int(downsample).bit_length()] = number
        return stored

    def _cut(self, z: int) -> Box:
        """Return the base pixels that a level shows in whole pixels."""
        step = self._grid.downsample(z)
        width, height = self._grid.size_at(step)
        return Box(
            x=0, y=0,
            width=min(width * step, self._grid.width), height=min(height * step, self._grid.height),
        )  # fmt: skip

    def _window(self, x: int, y: int, z: int) -> Box:
        """Return which pixels of its level a tile covers, one at least."""
        width, height = self._grid.size_at(self._grid.downsample(z))
        left = min(x * self._grid.tile_width, width - 1)
        top = min(y * self._grid.tile_height, height - 1)
        return Box(
            x=left, y=top,
            width=min(width - left, self._grid.tile_width),
            height=min(height - top, self._grid.tile_height),
        )  # fmt: skip

    def _is_whole(self, x: int, y: int, z: int) -> bool:
        window = self._window(x, y, z)
        return (window.width, window.height) == (self._grid.tile_width, self._grid.tile_height)

    def _check(self, x: int, y: int, z: int) -> None:
        if not 0 <= z < self._grid.levels:
            raise TileOutside(f"level {z} is not one of the {self._grid.levels} levels")
        across, down = self._grid.tiles_at(z)
        if not (0 <= x < across and 0 <= y < down):
            raise TileOutside(f"tile ({x}, {y}) is outside of level {z}: {across} x {down} tiles")

    def _check_stored(self, x: int, y: int, z: int, frame: int) -> None:
        level = self._stored.get(z)
        if level is None:
            return
        stored, window = self._reader.info.levels[level], self._window(x, y, z)
        box = Box(
            x=window.x, y=window.y,
            width=min(window.width, stored.width - window.x),
            height=min(window.height, stored.height - window.y),
        )  # fmt: skip
        if not box.is_empty and any(hole == box for hole in self._reader.holes(level, frame, box)):
            raise TileSourceError(f"tile ({x}, {y}) of level {z} is not stored in the file")
