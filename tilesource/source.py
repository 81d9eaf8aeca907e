"""TileSource: the documented methods, each short, each handing on to the module that knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

from tilesource import encoding as enc
from tilesource import reading
from tilesource.constants import TILE_FORMAT_IMAGE, TILE_FORMAT_NUMPY, TILE_FORMAT_PIL
from tilesource.encoding import JPEG, Encoding
from tilesource.errors import InvalidRequest, TileOutside
from tilesource.formats.base import Level, Pixels, RawTile, Reader
from tilesource.geometry import Box, Grid, Output, Scale, output_of, output_size, region_of
from tilesource.metadata import metadata_of

_TILE = 256  # of an image that is not stored in tiles
_STORED_TILES = range(64, 2049)  # sizes that are fit to be sent one by one
_THUMBNAIL = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a source is opened with, beside its file."""

    encoding: Encoding = JPEG
    edge: bool | str = False

    def __post_init__(self) -> None:
        if self.edge not in (False, True, "crop"):
            enc.check_colour(str(self.edge))

    @property
    def crops_edges(self) -> bool:
        """Tell whether tiles end where the image ends."""
        return self.edge is True or self.edge == "crop"


class TileSource:
    """An image, served in tiles, regions and thumbnails."""

    def __init__(self, reader: Reader, options: Options) -> None:
        self._reader = reader
        self._options = options
        info = reader.info
        base = info.levels[0]
        scale = Scale(magnification=info.magnification, mm_x=info.mm_x, mm_y=info.mm_y)
        tile_width, tile_height = _tile_size(base)
        self._grid = Grid(
            width=base.width, height=base.height,
            tile_width=tile_width, tile_height=tile_height, scale=scale,
        )  # fmt: skip

    def __enter__(self) -> TileSource:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the source is not used again."""
        self._reader.close()

    @property
    def name(self) -> str:
        """Return the name of the format that reads the file."""
        return self._reader.name

    @property
    def reader(self) -> Reader:
        """Return the open file behind the source."""
        return self._reader

    @property
    def sizeX(self) -> int:
        """Return the width in pixels at full resolution."""
        return self._grid.width

    @property
    def sizeY(self) -> int:
        """Return the height in pixels at full resolution."""
        return self._grid.height

    @property
    def tileWidth(self) -> int:
        """Return the width of a tile in pixels."""
        return self._grid.tile_width

    @property
    def tileHeight(self) -> int:
        """Return the height of a tile in pixels."""
        return self._grid.tile_height

    @property
    def levels(self) -> int:
        """Return how many levels of tiles there are; level 0 is one tile."""
        return self._grid.levels

    @property
    def frames(self) -> int:
        """Return how many frames the image has."""
        return len(self._reader.info.frames)

    @property
    def bandCount(self) -> int:
        """Return how many bands a pixel has."""
        return self._reader.info.bands

    def getMetadata(self) -> dict[str, Any]:
        """Return sizes in pixels, the scale in millimetres a pixel, and the frames."""
        return metadata_of(self._grid, self._reader.info)

    def getInternalMetadata(self) -> dict[str, Any]:
        """Return what the format tells beside, in the format's own terms."""
        return dict(self._reader.info.internal)

    def getNativeMagnification(self) -> dict[str, float | None]:
        """Return the magnification, and a base pixel's width and height in millimetres."""
        scale = self._grid.scale
        return {"magnification": scale.magnification, "mm_x": scale.mm_x, "mm_y": scale.mm_y}

    def getTileMimeType(self) -> str:
        """Return the MIME type of the tiles."""
        return self._options.encoding.mime

    def getTile(
        self,
        x: int,
        y: int,
        z: int,
        pilImageAllowed: bool = False,
        numpyAllowed: bool | str = False,
        sparseFallback: bool = False,
        frame: int | None = None,
    ) -> Any:
        """Return a tile as encoded bytes or, where allowed, as a Pillow image or an array."""
        if not (pilImageAllowed or numpyAllowed):
            raw = self.raw_tile(x, y, z, frame)
            if raw is not None:
                return raw.data
        pixels = self._tile_pixels(x, y, z, frame)
        if numpyAllowed:
            return pixels
        if pilImageAllowed:
            return enc.to_pil(pixels)
        return enc.encode(pixels, self._options.encoding)

    def raw_tile(self, x: int, y: int, z: int, frame: int | None = None) -> RawTile | None:
        """Return a tile's stored bytes if they are just what getTile would send, else None."""
        column, row = self._checked_tile(x, y, z)
        level = self._stored_level.get(z)
        if level is None or (self._options.edge and not self._is_whole(column, row, z)):
            return None
        raw = self._reader.raw_tile(level, self._frame(frame), column, row)
        return raw if raw is not None and raw.mime == self._options.encoding.mime else None

    def getRegion(
        self,
        format: str | tuple[str, ...] = (TILE_FORMAT_IMAGE,),
        *,
        region: Mapping[str, object] | None = None,
        output: Mapping[str, object] | None = None,
        scale: Mapping[str, object] | None = None,
        frame: int | None = None,
        fill: str | None = None,
        encoding: str | None = None,
        jpegQuality: int | None = None,
        jpegSubsampling: int | None = None,
        tiffCompression: str | None = None,
    ) -> tuple[Any, str]:
        """Return a rectangle of the image, and its MIME type or the name of its format.

        With `output`, the result is no larger than maxWidth x maxHeight; with `scale` it has that
        magnification; its shape is kept. `fill` is a colour to fill up to maxWidth x maxHeight.
        """
        wanted = output_of(output, scale)
        box = region_of(self._grid, region, wanted.scale)
        how = self._encoding(encoding, jpegQuality, jpegSubsampling, tiffCompression)
        width, height = output_size(self._grid, box, wanted)
        pixels = reading.read_region(self._reader, self._frame(frame), box, width, height)
        return _deliver(_filled(pixels, wanted, fill), format, how)

    def read_box(self, box: Box, width: int, height: int, frame: int | None = None) -> Pixels:
        """Return a box of base pixels as an array of just (height, width, bands)."""
        return reading.read_region(self._reader, self._frame(frame), box, width, height)

    def region_size(
        self,
        *,
        region: Mapping[str, object] | None = None,
        output: Mapping[str, object] | None = None,
        scale: Mapping[str, object] | None = None,
    ) -> tuple[int, int]:
        """Return the width and height that getRegion would return, without reading a pixel."""
        wanted = output_of(output, scale)
        return output_size(self._grid, region_of(self._grid, region, wanted.scale), wanted)

    def getThumbnail(
        self,
        width: int | None = None,
        height: int | None = None,
        *,
        format: str | tuple[str, ...] = (TILE_FORMAT_IMAGE,),
        frame: int | None = None,
        fill: str | None = None,
        encoding: str | None = None,
        jpegQuality: int | None = None,
        jpegSubsampling: int | None = None,
        tiffCompression: str | None = None,
    ) -> tuple[Any, str]:
        """Return the whole image, no larger than width x height (256 x 256 if neither is given)."""
        if width is None and height is None:
            width = height = _THUMBNAIL
        return self.getRegion(
            format, output={"maxWidth": width, "maxHeight": height}, frame=frame, fill=fill,
            encoding=encoding, jpegQuality=jpegQuality, jpegSubsampling=jpegSubsampling,
            tiffCompression=tiffCompression,
        )  # fmt: skip

    def getAssociatedImagesList(self) -> list[str]:
        """Return the names of the label, macro and other images beside the main one."""
        return list(self._reader.info.associated)

    def getAssociatedImage(
        self,
        imageKey: str,
        *,
        format: str | tuple[str, ...] = (TILE_FORMAT_IMAGE,),
        width: int | None = None,
        height: int | None = None,
        encoding: str | None = None,
        jpegQuality: int | None = None,
        jpegSubsampling: int | None = None,
        tiffCompression: str | None = None,
    ) -> tuple[Any, str] | None:
        """Return an image beside the main one, whole, no larger than width x height; or None."""
        how = self._encoding(encoding, jpegQuality, jpegSubsampling, tiffCompression)
        wanted = output_of({"maxWidth": width, "maxHeight": height}, None)
        pixels = self._reader.associated_image(imageKey)
        if pixels is None:
            return None
        return _deliver(_fitted(pixels, wanted), format, how)

    @cached_property
    def _stored_level(self) -> dict[int, int]:
        """Return, for each level of the tile grid that is stored in the same tiles, its number."""
        stored = {}
        for number, level in enumerate(self._reader.info.levels):
            downsample = reading.downsample_of(self._reader, number)
            same_tiles = (level.tile_width, level.tile_height) == (self.tileWidth, self.tileHeight)
            if level.tiled and same_tiles and downsample.is_integer():
                stored[self.levels - int(downsample).bit_length()] = number
        return stored

    def _tile_pixels(self, x: int, y: int, z: int, frame: int | None) -> Pixels:
        column, row = self._checked_tile(x, y, z)
        grid, step = self._grid, self._grid.downsample(z)
        width, height = self._content_size(column, row, z)
        left, top = column * grid.tile_width * step, row * grid.tile_height * step
        box = Box(
            x=left, y=top,
            width=min(width * step, grid.width - left),
            height=min(height * step, grid.height - top),
        )  # fmt: skip
        pixels = reading.read_region(self._reader, self._frame(frame), box, width, height)
        if self._options.crops_edges:
            return pixels
        colour = self._options.edge if isinstance(self._options.edge, str) else None
        return enc.fill_to(pixels, grid.tile_width, grid.tile_height, colour)

    def _content_size(self, column: int, row: int, z: int) -> tuple[int, int]:
        """Return how much of a tile the image covers, in the tile's pixels."""
        grid = self._grid
        width, height = grid.size_at(grid.downsample(z))
        return (
            min(max(width - column * grid.tile_width, 1), grid.tile_width),
            min(max(height - row * grid.tile_height, 1), grid.tile_height),
        )

    def _is_whole(self, column: int, row: int, z: int) -> bool:
        return self._content_size(column, row, z) == (self.tileWidth, self.tileHeight)

    def _checked_tile(self, x: int, y: int, z: int) -> tuple[int, int]:
        if not 0 <= z < self.levels:
            raise TileOutside(f"level {z} is not one of the {self.levels} levels")
        across, down = self._grid.tiles_at(z)
        if not (0 <= x < across and 0 <= y < down):
            raise TileOutside(f"tile ({x}, {y}) is outside of level {z}: {across} x {down} tiles")
        return x, y

    def _frame(self, frame: int | None) -> int:
        number = frame or 0
        if not 0 <= number < self.frames:
            raise InvalidRequest(f"frame {number} is not one of the {self.frames} frames")
        return number

    def _encoding(
        self,
        name: str | None,
        quality: int | None,
        subsampling: int | None,
        tiff_compression: str | None,
    ) -> Encoding:
        """Return the source's own encoding with what the caller wants otherwise."""
        own = self._options.encoding
        return Encoding(
            name=name or own.name,
            quality=own.quality if quality is None else quality,
            subsampling=own.subsampling if subsampling is None else subsampling,
            tiff_compression=tiff_compression or own.tiff_compression,
        )


class FileTileSource(TileSource):
    """A tile source whose image is a file."""

    @property
    def path(self) -> Path:
        """Return the file's path."""
        return self._reader.path


def _tile_size(level: Level) -> tuple[int, int]:
    fit = level.tile_width in _STORED_TILES and level.tile_height in _STORED_TILES
    return (level.tile_width, level.tile_height) if level.tiled and fit else (_TILE, _TILE)


def _fitted(pixels: Pixels, wanted: Output) -> Pixels:
    """Return a small image, held whole, no larger than wanted."""
    height, width = pixels.shape[:2]
    whole = Grid(width=width, height=height, tile_width=_TILE, tile_height=_TILE, scale=Scale())
    size = output_size(whole, Box(x=0, y=0, width=width, height=height), wanted)
    return reading.reduced(pixels, *size)


def _filled(pixels: Pixels, wanted: Output, fill: str | None) -> Pixels:
    if not fill or not (wanted.max_width and wanted.max_height):
        return pixels
    return enc.centred(pixels, wanted.max_width, wanted.max_height, enc.check_colour(fill))


def _deliver(pixels: Pixels, form: str | tuple[str, ...], how: Encoding) -> tuple[Any, str]:
    """Return the pixels in the first of the wanted formats that exists."""
    forms = (form,) if isinstance(form, str) else form
    if TILE_FORMAT_NUMPY in forms:
        return pixels, TILE_FORMAT_NUMPY
    if TILE_FORMAT_PIL in forms:
        return enc.to_pil(pixels), TILE_FORMAT_PIL
    if TILE_FORMAT_IMAGE in forms:
        return enc.encode(pixels, how), how.mime
    raise InvalidRequest(f"format is one of image, PIL and numpy, not {form!r}")
