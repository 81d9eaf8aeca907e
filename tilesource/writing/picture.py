"""An image that is about to be written: its facts, and where its pixels come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tilesource.formats.base import Pixels, RawTile
from tilesource.geometry import ANY_SCALE, Box, Scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An image to write; `read` gives a box of a frame, from several threads at once."""

    width: int
    height: int
    bands: int
    dtype: np.dtype[Any]
    read: Callable[[int, Box], Pixels]
    frames: Sequence[Mapping[str, int]] = ({},)
    channels: Sequence[str] = ()
    channel_colours: Sequence[str] = ()  # as `#rrggbb`
    description: str = ""
    notes: Mapping[str, Any] = field(default_factory=dict)  # what else is told of it, for JSON
    scale: Scale = ANY_SCALE
    # Full-width rows are read from top to bottom, by one thread, since it costs less.
    in_rows: bool = False
    # The stored bytes of a tile (frame, column, row), or None where it must be encoded.
    stored: Callable[[int, int, int], RawTile | None] | None = None
    associated: Mapping[str, Callable[[], Pixels | None]] = field(default_factory=dict)
    icc_profile: bytes | None = None
