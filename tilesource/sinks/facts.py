"""What a new image tells of itself, and which part of it is written."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tilesource.errors import InvalidRequest
from tilesource.formats.base import ImageInfo, Level, magnification_of
from tilesource.geometry import Box
from tilesource.sinks.extent import Extent
from tilesource.sinks.settings import Settings

_TILE = 256


def info_of(extent: Extent | None, settings: Settings, associated: Sequence[str]) -> ImageInfo:
    """Return the facts of an image that tiles make; without any, it has no pixels."""
    across, down = (extent.box.width, extent.box.height) if extent else (0, 0)
    level = Level(
        width=max(across, settings.min_width or 0), height=max(down, settings.min_height or 0),
        tile_width=_TILE, tile_height=_TILE,
    )  # fmt: skip
    return ImageInfo(
        levels=(level,),
        dtype=extent.layout.dtype if extent else np.dtype(np.uint8),
        bands=extent.bands if extent else 3,
        frames=extent.frames if extent else ({},),
        channels=_channels(extent, settings),
        magnification=magnification_of(settings.mm_x),
        mm_x=settings.mm_x,
        mm_y=settings.mm_y,
        associated=associated,
    )


def _channels(extent: Extent | None, settings: Settings) -> tuple[str, ...]:
    """Return the names of the channels of all frames; those without one are numbered."""
    if extent is None or len(extent.frames) < 2:
        return ()
    count = extent.axes.get("c", 1)
    numbered = (f"Band {number + 1}" for number in range(len(settings.channels), count))
    return (*settings.channels[:count], *numbered)


def within(crop: Box | None, image: Box) -> Box:
    """Return the part of an image that a crop leaves; all of it for None."""
    if crop is None:
        return image
    width = min(crop.x + crop.width, image.width) - crop.x
    height = min(crop.y + crop.height, image.height) - crop.y
    if min(width, height) < 1:
        size = f"{image.width} x {image.height}"
        raise InvalidRequest(f"the crop at {crop.x}, {crop.y} is outside of the {size} pixels")
    return Box(x=crop.x, y=crop.y, width=width, height=height)
