"""The values of one band as colours: the arithmetic, and the table that spares repeating it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from tilesource.formats.base import Pixels
from tilesource.style.model import Colours, Composite, OutputType

# What a row of a table is handled as, by its bytes: numpy copies one number faster than four.
_ROW_TYPES = {1: "u1", 2: "u2", 4: "u4", 8: "u8", 16: "c16"}

_PRECISE = 1e30  # limits beyond it leave the range of 32-bit floats


class Shader(Protocol):
    """Something that turns a plane of stored values into (height, width, planes) of colours."""

    def rows(self, plane: Pixels) -> Pixels:
        """Return the colours of values of any shape, as an array of one dimension more."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arithmetic:
    """Colours computed from the values."""

    low: float
    high: float
    colours: Colours  # (colours, planes), of 0 to `output.full`
    discrete: bool
    nodata: float | None
    clamp: bool
    hidden: float  # what a pixel without a colour is given, so that it changes nothing
    output: OutputType

    def rows(self, plane: Pixels) -> Pixels:
        """Return the colours of values of any shape, as an array of one dimension more."""
        shown = self.shown(self.position(plane))
        hidden = self.is_hidden(plane)
        if hidden is not None:
            shown[hidden] = self.hidden
        return shown

    def position(self, plane: Pixels) -> Pixels:
        """Return how far along the palette the values are: 0 is its first colour, 1 its last."""
        small = max(abs(self.low), abs(self.high)) < _PRECISE
        single = plane.dtype.kind == "f" and plane.itemsize <= 4 and small
        kind = np.float32 if single else np.float64
        with np.errstate(all="ignore"):  # what is infinite ends up at an end of the palette
            position: Pixels = plane.astype(kind) - kind(self.low)
            position /= kind(self.high - self.low) or kind(1)
        return position

    def shown(self, position: Pixels) -> Pixels:
        """Return the colours at places along the palette; beyond its ends, those at the ends."""
        place = np.clip(np.nan_to_num(position), 0, 1)
        rows = self._steps(place) if self.discrete else self._blend(place)
        if self.output.dtype.kind in "ui":
            rows = np.rint(rows)
        return rows.astype(self.output.dtype, copy=False)

    def is_hidden(self, plane: Pixels) -> Pixels | None:
        """Return which values have no colour, or None if all have one."""
        masks = []
        if plane.dtype.kind == "f":
            masks.append(np.isnan(plane))
        with np.errstate(over="ignore"):  # of limits that the type cannot hold
            if self.nodata is not None:
                masks.append(plane == self.nodata)
            if not self.clamp:
                low, high = min(self.low, self.high), max(self.low, self.high)
                masks += [plane < low, plane > high]
        if not masks:
            return None
        hidden: Pixels = np.logical_or.reduce(masks)
        return hidden

    def _steps(self, place: Pixels) -> Pixels:
        count = len(self.colours)
        rows: Pixels = self.colours[np.minimum((place * count).astype(np.intp), count - 1)]
        return rows

    def _blend(self, place: Pixels) -> Pixels:
        last = len(self.colours) - 1
        colours: Pixels = self.colours.astype(place.dtype)
        if last <= 1:
            whole: Pixels = colours[0] + place[..., None] * (colours[last] - colours[0])
            return whole
        along = place * last
        lower = np.minimum(along.astype(np.intp), last - 1)
        share = (along - lower).astype(place.dtype)[..., None]
        rows: Pixels = colours[lower] + share * np.diff(colours, axis=0)[lower]
        return rows


class Table:
    """Colours of all values that a type of 8 or 16 bits can have, looked up."""

    def __init__(self, arithmetic: Arithmetic, dtype: np.dtype[Any]) -> None:
        self._unsigned = np.dtype(f"u{dtype.itemsize}")
        values = np.arange(1 << (8 * dtype.itemsize)).astype(self._unsigned).view(dtype)
        self._table = np.ascontiguousarray(arithmetic.rows(values))
        row = self._table.itemsize * self._table.shape[-1]
        self._packed = self._table.view(_ROW_TYPES[row])[:, 0] if row in _ROW_TYPES else None

    def rows(self, plane: Pixels) -> Pixels:
        """Return the colours of values of any shape, as an array of one dimension more."""
        places = plane.view(self._unsigned)
        if self._packed is None:
            wide: Pixels = self._table[places]
            return wide
        return np.take(self._packed, places)[..., None].view(self._table.dtype)


def has_table(dtype: np.dtype[Any]) -> bool:
    """Tell whether a type has so few values that a table of them all is worth its making."""
    return dtype.kind in "uib" and dtype.itemsize <= 2


def compose(under: Pixels, rows: Pixels, how: Composite, full: float) -> None:
    """Lay colours over others, in place: the lighter of both, or their product."""
    if how == "lighten":
        np.maximum(under, rows, out=under)
    elif under.dtype.kind == "f":
        under *= rows / under.dtype.type(full)
    else:
        wide = np.uint16 if under.dtype == np.uint8 else np.uint32
        product = under.astype(wide)
        product *= rows.astype(wide)
        product += wide(full) // 2
        under[:] = product // wide(full)
