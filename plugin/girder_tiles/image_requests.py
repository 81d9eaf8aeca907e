"""What clients ask of an image: frozen values that know how to be computed and cached.

Two equal requests on the same content of a file have the same answer, so that the cache key and
the ETag are made from the request's fields, and from nothing else.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from pathlib import Path

import tilesource
from girder_tiles.describe import Values
from girder_tiles.errors import BadParameter, NotFound
from girder_tiles.large_results import turn
from girder_tiles.settings import Settings
from tilesource.cache.images import CachedImage
from tilesource.encoding import Encoding
from tilesource.options import Options
from tilesource.protocols.dzi import DeepZoom, dzi_descriptor, dzi_tile, stored_dzi_tile

KEY_VERSION = 2
"""Raised when the same request gets other bytes than before."""


USUAL_DEPTH = 4
"""Bytes of a pixel of red, green, blue and alpha, 8 bits each."""

AS_IT_IS = Options()
"""How a source is opened for what is encoded by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest(ABC):
    """One thing that can be asked of an image."""

    options: Options = AS_IT_IS
    max_pixels: int = Settings().max_region_pixels

    @abstractmethod
    def render(self, source: tilesource.TileSource) -> CachedImage:
        """Compute the answer."""

    def stored(self, source: tilesource.TileSource) -> CachedImage | None:
        """Return the answer if it is in the file as it is, to be sent without being cached."""
        return None

    def digest(self, version: str) -> str:
        """Return what identifies the answer on one version of a file."""
        said = [KEY_VERSION, version, type(self).__name__, asdict(self)]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class TileRequest(ImageRequest):
    """One tile of the image's own grid."""

    x: int
    y: int
    z: int
    frame: int = 0

    def render(self, source: tilesource.TileSource) -> CachedImage:
        """Compute the tile."""
        check_size(source.tileWidth, source.tileHeight, self.max_pixels, depth_of(source))
        data = source.getTile(self.x, self.y, self.z, frame=self.frame)
        return CachedImage(data, source.getTileMimeType())

    def stored(self, source: tilesource.TileSource) -> CachedImage | None:
        """Return the tile's stored bytes if they are what was asked for."""
        raw = source.raw_tile(self.x, self.y, self.z, frame=self.frame)
        return None if raw is None else CachedImage(raw.data, raw.mime)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionRequest(ImageRequest):
    """A rectangle of the image at some size or scale."""

    region: Values
    output: Values
    scale: Values
    encoding: Encoding
    frame: int = 0
    fill: str | None = None

    def render(self, source: tilesource.TileSource) -> CachedImage:
        """Compute the rectangle."""
        size = source.region_size(region=self.region, output=self.output, scale=self.scale)
        if 0 in size:
            raise BadParameter(
                "The region has no pixels: it lies outside of the image, or no stored level has "
                "that exact scale."
            )
        size = _filled_size(size, self.fill, self.output)
        check_size(*size, self.max_pixels, depth_of(source))
        with turn(*size):
            data, mime = source.getRegion(
                region=self.region,
                output=self.output,
                scale=self.scale,
                frame=self.frame,
                fill=self.fill,
                **_keywords(self.encoding),
            )
        return CachedImage(_bytes_of(data), mime)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThumbnailRequest(ImageRequest):
    """The whole image, small."""

    width: int | None
    height: int | None
    encoding: Encoding
    frame: int = 0
    fill: str | None = None

    def render(self, source: tilesource.TileSource) -> CachedImage:
        """Compute the thumbnail."""
        output = {"maxWidth": self.width, "maxHeight": self.height}
        size = _filled_size(source.region_size(output=output), self.fill, output)
        check_size(*size, self.max_pixels, depth_of(source))
        with turn(*size):
            data, mime = source.getThumbnail(
                width=self.width,
                height=self.height,
                frame=self.frame,
                fill=self.fill,
                **_keywords(self.encoding),
            )
        return CachedImage(_bytes_of(data), mime)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociatedImageRequest(ImageRequest):
    """A label, macro or other image that is in the file beside the main one."""

    key: str
    width: int | None
    height: int | None
    encoding: Encoding

    def render(self, source: tilesource.TileSource) -> CachedImage:
        """Compute the image."""
        width, height = self._limits()
        found = source.getAssociatedImage(
            self.key, width=width, height=height, **_keywords(self.encoding)
        )
        if found is None:
            raise NotFound(f"This image has no associated image {self.key!r}.")
        data, mime = found
        return CachedImage(_bytes_of(data), mime)

    def _limits(self) -> tuple[int | None, int | None]:
        """Return the largest width and height, none without the other: the shape is not known."""
        if self.width is None and self.height is None:
            return None, None
        width = self.width or max(1, self.max_pixels // (self.height or 1))
        height = self.height or max(1, self.max_pixels // width)
        check_size(width, height, self.max_pixels)
        return width, height


@dataclass(frozen=True, slots=True, kw_only=True)
class DeepZoomDescriptorRequest(ImageRequest):
    """The description of the image that a Deep Zoom client reads first."""

    cut: DeepZoom

    def render(self, source: tilesource.TileSource) -> CachedImage:
        """Compute the description."""
        return CachedImage(dzi_descriptor(source, self.cut).encode(), "application/xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeepZoomTileRequest(ImageRequest):
    """One tile of a Deep Zoom grid."""

    level: int
    column: int
    row: int
    frame: int = 0
    cut: DeepZoom

    def render(self, source: tilesource.TileSource) -> CachedImage:
        """Compute the tile."""
        side = self.cut.tile_size + 2 * self.cut.overlap
        width, height = min(side, source.sizeX), min(side, source.sizeY)
        check_size(width, height, self.max_pixels, depth_of(source))
        tile = dzi_tile(source, self.level, self.column, self.row, self.cut, self.frame)
        return CachedImage(tile.data, tile.mime)

    def stored(self, source: tilesource.TileSource) -> CachedImage | None:
        """Return the tile's stored bytes if they are what was asked for."""
        raw = stored_dzi_tile(source, self.level, self.column, self.row, self.cut, self.frame)
        if raw is None or raw.mime != self.cut.encoding.mime:
            return None
        return CachedImage(raw.data, raw.mime)


def _bytes_of(data: bytes | Path) -> bytes:
    """Return an encoded image; one of the encoding TILED is a temporary file of ours."""
    if isinstance(data, bytes):
        return data
    try:
        return data.read_bytes()
    finally:
        data.unlink()


def _keywords(encoding: Encoding) -> Values:
    """Return an encoding as the methods of a source take it."""
    return {
        "encoding": encoding.name,
        "jpegQuality": encoding.quality,
        "jpegSubsampling": encoding.subsampling,
        "tiffCompression": encoding.tiff_compression,
    }


def depth_of(source: tilesource.TileSource) -> int:
    """Return the bytes of a pixel as it is read; on the way to 8 bits all of them are held."""
    return source.bandCount * source.reader.info.dtype.itemsize


def check_size(width: int, height: int, max_pixels: int, depth: int = USUAL_DEPTH) -> None:
    """Raise BadParameter if a result would have too many pixels; deep ones count for several."""
    allowed = max_pixels * USUAL_DEPTH // max(depth, USUAL_DEPTH)
    if width * height > allowed:
        raise BadParameter(
            f"The result would have {width} x {height} pixels; of this image, this server allows "
            f"{allowed}. Ask for a smaller region, or for a smaller width and height."
        )


def _filled_size(size: tuple[int, int], fill: str | None, output: Values) -> tuple[int, int]:
    """Return the width and height of a result of a size once it is filled up."""
    width, height = output.get("maxWidth"), output.get("maxHeight")
    return (width, height) if fill and width and height else size
