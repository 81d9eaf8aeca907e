"""A tile source whose image is a file: its identity, its cached tiles, its look in a notebook."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from pathlib import Path

from tilesource.abandoned import abandon, close_abandoned
from tilesource.cache.computed import ComputedImages
from tilesource.cache.images import CachedImage
from tilesource.described import key_of
from tilesource.formats.base import Reader
from tilesource.image_bytes import ImageBytes
from tilesource.notebook import viewer_html
from tilesource.options import Options
from tilesource.source import TileSource

_SHOWN = 1024  # pixels of the longest side in a notebook


class FileTileSource(TileSource):
    """An image in a file; `release` gives the file back where it is shared with others."""

    def __init__(
        self,
        reader: Reader,
        options: Options,
        release: Callable[[], None] | None = None,
        cache: ComputedImages | None = None,
    ) -> None:
        close_abandoned()
        super().__init__(reader, options)
        self._cache = cache
        self._release = release or reader.close
        # The canvas is what tiles and iterators read from, which may outlive the source.
        self._unclosed = weakref.finalize(self._canvas, abandon, self._release)

    def close(self) -> None:
        """Close the file, or give it back; the source is not used again."""
        if self._unclosed.detach():
            self._release()

    @property
    def path(self) -> Path:
        """Return the file's path."""
        return self._reader.path

    @property
    def largeImagePath(self) -> str:
        """Return the file's path as a text."""
        return str(self.path)

    def getState(self) -> str:
        """Return a text that is the same for sources that give the same pixels and bytes."""
        return key_of(self.name, [self.path], self.opened_with())

    def _encoded(
        self, place: tuple[int, int, int], frame: int | None, sparse_fallback: bool
    ) -> ImageBytes:
        """Return the tile as an image file, from the cache if there is one."""
        if self._cache is None:
            return super()._encoded(place, frame, sparse_fallback)

        def compute() -> CachedImage:
            data = TileSource._encoded(self, place, frame, sparse_fallback)
            return CachedImage(bytes(data), self.getTileMimeType())

        stat = self.path.stat() if self.path.exists() else None
        version = (stat.st_mtime_ns, stat.st_size) if stat else None
        key = self.wrapKey("tile", *place, sparse_fallback, frame or 0, version)
        found = self._cache.get(str(self.path), key, compute)
        return ImageBytes(found.data, found.mime)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {str(self.path)!r}, {self.name}>"

    def _repr_png_(self) -> bytes:
        return bytes(self.getThumbnail(encoding="PNG")[0])

    def _repr_html_(self) -> str:
        jpeg, _ = self.getThumbnail(width=_SHOWN, height=_SHOWN, encoding="JPEG")
        ratio = min(1.0, _SHOWN / max(self.sizeX, self.sizeY))
        width, height = round(self.sizeX * ratio), round(self.sizeY * ratio)
        return viewer_html(bytes(jpeg), max(width, 1), max(height, 1), self.getMetadata())
