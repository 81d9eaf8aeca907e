"""Iterating over an image in tiles of any size, scale and overlap.

Tiles are cut on a grid that starts at the image's corner, in pixels of the wanted scale: at the
scale of a stored level they are that level's pixels; else they are windows of the resampled
region, so that they fit together.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tilesource.canvas import Canvas, View
from tilesource.formats.base import Pixels
from tilesource.geometry import Box, output_factor
from tilesource.levels import preferred_level, scale_at
from tilesource.parallel import Pool
from tilesource.request import Request
from tilesource.tiledict import LazyTileDict, TileInfo, scaled_facts
from tilesource.tiling import Ruler, Span

# Reads ahead while the caller works on a tile, the next while the last of one is decoded. Decoding
# has a pool of its own, for a task that waits for others of its own pool can wait forever.
_AHEAD = Pool(2, "ahead")


@dataclass(frozen=True)
class TilePlan:
    """All tiles of a request: how many there are, and each of them by its position."""

    canvas: Canvas
    request: Request

    @property
    def count(self) -> int:
        """Return how many tiles the whole iteration has."""
        return self._columns.count * self._rows.count if self.view.width else 0

    def positions(self) -> range:
        """Return the positions to be yielded: all, or the one that was asked for if it is there."""
        wanted = self.request.tiling.position
        if wanted is None or not self.count:
            return range(self.count)
        if wanted.number is not None:
            place = wanted.number
        else:
            column = wanted.column - (self._columns.first if wanted.of_level else 0)
            row = wanted.row - (self._rows.first if wanted.of_level else 0)
            inside = 0 <= column < self._columns.count and 0 <= row < self._rows.count
            place = row * self._columns.count + column if inside else -1
        return range(place, place + 1) if 0 <= place < self.count else range(0)

    def tile(self, position: int) -> LazyTileDict:
        """Return the tile at a position, row by row from the top left."""
        row, column = divmod(position, self._columns.count)
        across = self._columns.span(self._columns.first + column)
        down = self._rows.span(self._rows.first + row)
        window = Box(
            x=across.start - self._columns.start, y=down.start - self._rows.start,
            width=across.length, height=down.length,
        )  # fmt: skip
        info = TileInfo(
            canvas=self.canvas, view=self.view, window=window,
            delivery=self.request.delivery, factor=1.0 if self._is_scaled else self._wanted,
        )  # fmt: skip
        return LazyTileDict(info, self._facts(position, across, down, window))

    @cached_property
    def view(self) -> View:
        """Return the region as it is shown before it is cut into tiles."""
        whole = self.canvas.view(self.request.region, self.request.output, self.request.frame)
        if not whole.width:
            return whole
        if not self._is_scaled:
            # At the scale of a level, tiles are those pixels that getRegion returns.
            return self._level_view(whole.box if self._wanted == 1.0 else self._box, whole.frame)
        return View(
            box=whole.box, width=whole.width, height=whole.height, frame=whole.frame,
            kernel=self.request.kernel,
        )  # fmt: skip

    def _level_view(self, box: Box, frame: int) -> View:
        """Return a box in whole pixels of the level."""
        step = self._step
        limit_x, limit_y = self.canvas.grid.size_at(step)
        left, top = min(box.x // step, limit_x - 1), min(box.y // step, limit_y - 1)
        right = min(max((box.x + box.width) // step, left + 1), limit_x)
        bottom = min(max((box.y + box.height) // step, top + 1), limit_y)
        within = Box(
            x=left * step, y=top * step,
            width=min((right - left) * step, self.canvas.grid.width - left * step),
            height=min((bottom - top) * step, self.canvas.grid.height - top * step),
        )  # fmt: skip
        return View(box=within, width=right - left, height=bottom - top, frame=frame)

    @cached_property
    def _box(self) -> Box:
        return self.canvas.box(self.request.region, self.request.output)

    @cached_property
    def _factor(self) -> float:
        """Return pixels of the wanted scale per base pixel."""
        return output_factor(self.canvas.grid, self._box, self.request.output)

    @cached_property
    def _level(self) -> int:
        """Return the stored level that tiles are made from."""
        top = self.canvas.grid.levels - 1
        wanted = math.ceil(round(top + math.log2(self._factor), 4))
        return preferred_level(self.canvas.stored, min(max(wanted, 0), top))

    @property
    def _step(self) -> int:
        """Return how many base pixels a pixel of the level spans on each side."""
        return self.canvas.grid.downsample(self._level)

    @property
    def _wanted(self) -> float:
        """Return pixels of the wanted scale per pixel of the level."""
        factor = self._factor * self._step
        return 1.0 if abs(math.log2(factor)) < 5e-5 else factor

    @cached_property
    def _is_scaled(self) -> bool:
        return self.request.resample and self._wanted != 1.0

    @cached_property
    def _columns(self) -> Ruler:
        start = self._first(self.view.box.x)
        size = self.canvas.grid.tile_width
        return self.request.tiling.columns(start, start + self.view.width, size)

    @cached_property
    def _rows(self) -> Ruler:
        start = self._first(self.view.box.y)
        size = self.canvas.grid.tile_height
        return self.request.tiling.rows(start, start + self.view.height, size)

    def _first(self, base: int) -> int:
        """Return where the region starts, in pixels of the tiles from the image's corner."""
        return int(base * self._factor + 1e-9) if self._is_scaled else base // self._step

    def _facts(self, position: int, across: Span, down: Span, window: Box) -> dict[str, Any]:
        """Return all that is told of a tile but its pixels."""
        scale = scale_at(self.canvas.grid, self._level)
        facts = {
            "x": across.start, "y": down.start,
            "width": window.width, "height": window.height,
            "level": self._level,
            **{name: scale[name] for name in ("magnification", "mm_x", "mm_y")},
            **self._places(position),
            "tile_overlap": {
                "left": across.before, "top": down.before,
                "right": across.after, "bottom": down.after,
            },
            **self._base_facts(window),
        }  # fmt: skip
        return facts | self._scaled(facts) if self._is_scaled else facts

    def _base_facts(self, window: Box) -> dict[str, float]:
        """Return the tile in base pixels."""
        view = self.view
        step_x, step_y = view.box.width / view.width, view.box.height / view.height
        if not self._is_scaled:
            step_x = step_y = self._step
        return {
            "gx": float(view.box.x + window.x * step_x),
            "gy": float(view.box.y + window.y * step_y),
            "gwidth": float(window.width * step_x),
            "gheight": float(window.height * step_y),
        }

    def _scaled(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Return what is told of a resampled tile: before it was, in whole pixels of the level."""
        step = self._step
        left, top = math.floor(facts["gx"] / step), math.floor(facts["gy"] / step)
        right = math.ceil((facts["gx"] + facts["gwidth"]) / step - 1e-6)
        bottom = math.ceil((facts["gy"] + facts["gheight"]) / step - 1e-6)
        before = facts | {"x": left, "y": top, "width": right - left, "height": bottom - top}
        place = {"x": facts["gx"] * self._factor, "y": facts["gy"] * self._factor}
        return scaled_facts(before, self._wanted) | place

    def _places(self, position: int) -> dict[str, Any]:
        """Return the tile's number in the iteration, the region and the level, and their ranges."""
        columns, rows = self._columns, self._rows
        row, column = divmod(position, columns.count)
        at_level = {"level_x": columns.first + column, "level_y": rows.first + row}
        return {
            **at_level,
            "tile_position": {
                **at_level, "region_x": column, "region_y": row, "position": position,
            },
            "iterator_range": {
                "level_x_min": columns.first, "level_y_min": rows.first,
                "level_x_max": columns.end, "level_y_max": rows.end,
                "region_x_max": columns.count, "region_y_max": rows.count,
                "position": self.count,
            },
        }  # fmt: skip


def tiles(plan: TilePlan) -> Iterator[LazyTileDict]:
    """Yield the tiles of a plan; if they are looked at, the next is read while one is worked on."""
    positions = plan.positions()
    following: LazyTileDict | None = None
    was_read = False
    for position in positions:
        tile, following = following or plan.tile(position), None
        if was_read and position + 1 in positions:
            following = plan.tile(position + 1)
            following.read_ahead(_AHEAD)
        yield tile
        was_read = tile.was_read


def blocks(plan: TilePlan) -> Iterator[Pixels]:
    """Yield the pixels of all tiles of a plan, the next being read while one is worked on."""
    ahead: Future[Pixels] | None = None
    for position in range(plan.count):
        pixels = plan.tile(position).info.pixels() if ahead is None else ahead.result()
        if position + 1 < plan.count:
            ahead = _AHEAD.submit(plan.tile(position + 1).info.pixels)
        yield pixels
