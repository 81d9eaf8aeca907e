"""How far the tiles of a sink reach, and what the image is that they make so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tilesource.errors import InvalidRequest
from tilesource.formats.base import slowest_first
from tilesource.geometry import Box
from tilesource.sinks.grid_frames import GridFrames
from tilesource.sinks.layout import Layout

_FARTHEST = 1 << 31
_MOST_FRAMES = 1 << 20
_COVERED = ("uint8", "uint16")  # types in which viewers know what alpha is


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """The box that all tiles fill, their axes, and what a pixel is."""

    box: Box
    layout: Layout
    axes: Mapping[str, int] = field(default_factory=dict)  # axis -> length
    has_alpha: bool = False  # some tile has
    shows_cover: bool = False  # alpha tells where tiles have been

    def __post_init__(self) -> None:
        box = self.box
        ends = (box.x, box.y, box.x + box.width, box.y + box.height)
        if max(map(abs, ends)) > _FARTHEST:
            raise InvalidRequest(f"tiles reach from {ends[:2]} to {ends[2:]}, which is too far")
        count = 1
        for length in self.axes.values():
            count *= length
        if count > _MOST_FRAMES:
            raise InvalidRequest(f"the axes {dict(self.axes)} have {count:,} frames: too many")

    @property
    def alpha(self) -> bool:
        """Tell whether the image has an alpha band."""
        return self.has_alpha or (self.shows_cover and self.layout.dtype.name in _COVERED)

    @property
    def bands(self) -> int:
        """Return how many bands the image has."""
        return self.layout.colours + self.alpha

    @property
    def frames(self) -> GridFrames:
        """Return the frames, each with its place on every axis."""
        return GridFrames(slowest_first(self.axes))

    def from_origin(self) -> Extent:
        """Return what a first tile reaches: the image starts at 0, 0 unless the tile is before."""
        left, top = min(self.box.x, 0), min(self.box.y, 0)
        right, bottom = self.box.x + self.box.width, self.box.y + self.box.height
        return replace(self, box=Box(x=left, y=top, width=right - left, height=bottom - top))

    def joined(self, other: Extent) -> Extent:
        """Return what both reach together."""
        left, top = min(self.box.x, other.box.x), min(self.box.y, other.box.y)
        right = max(self.box.x + self.box.width, other.box.x + other.box.width)
        bottom = max(self.box.y + self.box.height, other.box.y + other.box.height)
        axes = {
            axis: max(self.axes.get(axis, 1), other.axes.get(axis, 1))
            for axis in (*self.axes, *other.axes)
        }
        return replace(
            self,
            box=Box(x=left, y=top, width=right - left, height=bottom - top),
            layout=self.layout.joined(other.layout),
            axes=axes,
            has_alpha=self.has_alpha or other.has_alpha,
            shows_cover=self.shows_cover and other.shows_cover,
        )
