"""Turn stored pixels the right way up: orientations 1 to 8 of TIFF 6.0 and Exif, tag 274."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tilesource.formats.base import Level, Pixels
from tilesource.geometry import Box


@dataclass(frozen=True, slots=True)
class Orientation:
    """What is done to stored pixels to show them: first transposed, then mirrored."""

    transposed: bool = False
    mirrored_x: bool = False
    mirrored_y: bool = False

    @property
    def is_upright(self) -> bool:
        """Tell whether pixels are stored as they are shown."""
        return not (self.transposed or self.mirrored_x or self.mirrored_y)

    def level(self, stored: Level) -> Level:
        """Return a stored level as it is shown."""
        if not self.transposed:
            return stored
        return replace(
            stored, width=stored.height, height=stored.width,
            tile_width=stored.tile_height, tile_height=stored.tile_width,
        )  # fmt: skip

    def stored_box(self, box: Box, shown: Level) -> Box:
        """Return where a box of the shown level is stored."""
        x = shown.width - box.x - box.width if self.mirrored_x else box.x
        y = shown.height - box.y - box.height if self.mirrored_y else box.y
        if self.transposed:
            return Box(x=y, y=x, width=box.height, height=box.width)
        return Box(x=x, y=y, width=box.width, height=box.height)

    def shown_box(self, box: Box, shown: Level) -> Box:
        """Return where a stored box is shown."""
        turned = Box(x=box.y, y=box.x, width=box.height, height=box.width)
        stored = turned if self.transposed else box
        x = shown.width - stored.x - stored.width if self.mirrored_x else stored.x
        y = shown.height - stored.y - stored.height if self.mirrored_y else stored.y
        return Box(x=x, y=y, width=stored.width, height=stored.height)

    def shown(self, pixels: Pixels) -> Pixels:
        """Return stored pixels as they are shown."""
        if self.is_upright:
            return pixels
        turned = pixels.transpose(1, 0, 2) if self.transposed else pixels
        turned = turned[:: -1 if self.mirrored_y else 1, :: -1 if self.mirrored_x else 1]
        return np.ascontiguousarray(turned)


_ORIENTATIONS = {
    2: Orientation(mirrored_x=True),
    3: Orientation(mirrored_x=True, mirrored_y=True),
    4: Orientation(mirrored_y=True),
    5: Orientation(transposed=True),
    6: Orientation(transposed=True, mirrored_x=True),
    7: Orientation(transposed=True, mirrored_x=True, mirrored_y=True),
    8: Orientation(transposed=True, mirrored_y=True),
}


def orientation_of(tag: object) -> Orientation:
    """Return what the tag's value asks for; a value that means nothing is upright."""
    return _ORIENTATIONS.get(tag, Orientation()) if isinstance(tag, int) else Orientation()
