"""What has been added to a sink so far, as an image that can be read."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path

from tilesource.constants import NEW_IMAGE_PATH_FLAG
from tilesource.errors import InvalidRequest
from tilesource.formats.base import ImageInfo, Pixels, Reader
from tilesource.geometry import Box
from tilesource.sinks.extent import Extent
from tilesource.sinks.store import ChunkStore

Places = frozenset[tuple[str, int]]


class SinkReader(Reader):
    """The pixels of a sink; the facts about them change as tiles are added."""

    name = "new"

    def __init__(self, info: ImageInfo) -> None:
        super().__init__(Path(f"{NEW_IMAGE_PATH_FLAG}{uuid.uuid4()}"), info)
        self.store = ChunkStore()
        self.extent: Extent | None = None
        self.associated: dict[str, Pixels] = {}
        self._numbers: dict[Places, int] = {}

    @classmethod
    def open(cls, path: Path) -> Reader:
        raise InvalidRequest(f"{path.name} is no new image: those are made by new()")

    def close(self) -> None:
        self.store.close()

    def number_of(self, places: Mapping[str, int]) -> int:
        """Return the store's number of a frame; axes that come later do not change it."""
        key = _key(places)
        return self._numbers.setdefault(key, len(self._numbers))

    def _read(self, level: int, frame: int, x: int, y: int, width: int, height: int) -> Pixels:
        extent = self.extent
        if extent is None:
            raise InvalidRequest("the image has no tiles yet")
        box = Box(x=x + extent.box.x, y=y + extent.box.y, width=width, height=height)
        number = self._numbers.get(_key(extent.frames[frame]))
        if number is None:
            return extent.layout.empty(height, width)[..., : extent.bands]
        return self.store.read(number, box, extent.layout)[..., : extent.bands]

    def _associated_image(self, key: str) -> Pixels | None:
        return self.associated.get(key)


def _key(places: Mapping[str, int]) -> Places:
    return frozenset((axis, place) for axis, place in places.items() if place)
