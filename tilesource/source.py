"""TileSource: the documented methods, each short, each handing on to the module that knows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from tilesource import bands, frames, measuring, regions
from tilesource import encoding as enc
from tilesource.arguments import colour, whole
from tilesource.canvas import Canvas, View
from tilesource.constants import TILE_FORMAT_IMAGE, TILE_FORMAT_NUMPY
from tilesource.delivery import deliver
from tilesource.encoding import JPEG, Encoding
from tilesource.errors import TileOutside
from tilesource.formats.base import Pixels, RawTile, Reader
from tilesource.geometry import Box, Grid, Scale, output_of, scale_of
from tilesource.histogram import HistogramOptions
from tilesource.image_bytes import ImageBytes
from tilesource.iterator import TilePlan, tiles
from tilesource.levels import level_for, preferred_level, scale_at
from tilesource.metadata import metadata_of
from tilesource.picturing import fitted, picture, tile_size
from tilesource.rendering import Renderer
from tilesource.request import Request, delivery_of, frame_of, request_of
from tilesource.tile import LazyTileDict
from tilesource.tiled import write_tiled
from tilesource.tilegrid import TileGrid

_THUMBNAIL = 256
_AS_STORED = {"icc": False}  # the style that changes nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a source is opened with, beside its file."""

    encoding: Encoding = JPEG
    edge: bool | str = False
    style: str | Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.edge, bool) and self.edge != "crop":
            colour(str(self.edge), "edge")

    @property
    def border(self) -> bool | str:
        """Return False for whole tiles, True to cut them at the image's edges, or a `#rrggbb`."""
        if isinstance(self.edge, bool) or self.edge == "crop":
            return bool(self.edge)
        return colour(self.edge, "edge")


class TileSource:
    """An image, served in tiles, regions and thumbnails."""

    geospatial = False

    def __init__(self, reader: Reader, options: Options) -> None:
        self._reader = reader
        self._options = options
        info = reader.info
        base = info.levels[0]
        tile_width, tile_height = tile_size(base)
        grid = Grid(
            width=base.width, height=base.height, tile_width=tile_width, tile_height=tile_height,
            scale=Scale(magnification=info.magnification, mm_x=info.mm_x, mm_y=info.mm_y),
        )  # fmt: skip
        self._canvas = Canvas(grid=grid, info=info, renderer=Renderer(reader, options.style))
        self._tiles = TileGrid(self._canvas, reader, options.border)

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
        return self._canvas.grid.width

    @property
    def sizeY(self) -> int:
        """Return the height in pixels at full resolution."""
        return self._canvas.grid.height

    @property
    def tileWidth(self) -> int:
        """Return the width of a tile in pixels."""
        return self._canvas.grid.tile_width

    @property
    def tileHeight(self) -> int:
        """Return the height of a tile in pixels."""
        return self._canvas.grid.tile_height

    @property
    def levels(self) -> int:
        """Return how many levels of tiles there are; level 0 is one tile."""
        return self._canvas.grid.levels

    @property
    def frames(self) -> int:
        """Return how many frames the image has."""
        return len(self._canvas.info.frames)

    @property
    def bandCount(self) -> int:
        """Return how many bands a pixel has."""
        return self._canvas.info.bands

    @property
    def dtype(self) -> np.dtype[Any]:
        """Return the type of a pixel's values."""
        native: np.dtype[Any] = self._canvas.info.dtype.newbyteorder("=")
        return native

    @property
    def channelNames(self) -> list[str] | None:
        """Return the names of the channels, or None if they have none."""
        return list(self._canvas.info.channels) or None

    @property
    def metadata(self) -> dict[str, Any]:
        """Return what getMetadata does."""
        return self.getMetadata()

    @property
    def encoding(self) -> str:
        """Return the name of the encoding of tiles."""
        return self._options.encoding.name

    @property
    def edge(self) -> bool | str:
        """Return what becomes of tiles at the edges, as it was given."""
        return self._options.edge

    @property
    def style(self) -> str | Mapping[str, Any] | None:
        """Return the style, as it was given."""
        return self._options.style

    def getMetadata(self) -> dict[str, Any]:
        """Return sizes in pixels, the scale in millimetres a pixel, and the frames."""
        return metadata_of(self._canvas.grid, self._canvas.info)

    def getInternalMetadata(self) -> dict[str, Any]:
        """Return what the format tells beside, in the format's own terms."""
        return dict(self._canvas.info.internal)

    def getBounds(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the image's size in pixels; of geospatial images, also where it lies."""
        return {"sizeX": self.sizeX, "sizeY": self.sizeY}

    def getCenter(self, *args: Any, **kwargs: Any) -> tuple[float, float]:
        """Return the y and x of the image's middle in pixels."""
        return self.sizeY / 2, self.sizeX / 2

    def getNativeMagnification(self) -> dict[str, float | None]:
        """Return the magnification, and a base pixel's width and height in millimetres."""
        scale = self._canvas.grid.scale
        return {"magnification": scale.magnification, "mm_x": scale.mm_x, "mm_y": scale.mm_y}

    def getMagnificationForLevel(self, level: float | None = None) -> dict[str, Any]:
        """Return the magnification and pixel size at a level, the highest if none is given."""
        return scale_at(self._canvas.grid, level)

    def getLevelForMagnification(
        self,
        magnification: float | None = None,
        exact: bool = False,
        mm_x: float | None = None,
        mm_y: float | None = None,
        rounding: str | bool | None = "round",
    ) -> int | float | None:
        """Return the level of a scale; `exact` and `rounding` as level_for documents them."""
        wanted = scale_of({"magnification": magnification, "mm_x": mm_x, "mm_y": mm_y})
        return level_for(self._canvas.grid, wanted, exact, rounding)

    def getPreferredLevel(self, level: int) -> int:
        """Return the coarsest level that is stored and no coarser than a level."""
        return preferred_level(self._canvas.stored, whole(level, "a level") or 0)

    def getBandInformation(self, statistics: bool = False) -> dict[int, dict[str, Any]]:
        """Return what each band stands for and, with statistics, its min, max, mean and stdev.

        An image of more than 16 million pixels is measured at a lower resolution.
        """
        measured = self._band_statistics if statistics else {}
        return bands.band_information(self.bandCount, measured)

    def getOneBandInformation(self, band: int) -> dict[str, Any]:
        """Return what a band stands for, and its statistics; bands are numbered from 1."""
        return bands.one_band(self.getBandInformation(statistics=True), band)

    def frameToAxes(self, frame: int) -> dict[str, int]:
        """Return a frame's place on each axis on which frames differ."""
        return frames.frame_to_axes(self._canvas.info, frame)

    def axesToFrame(self, **kwargs: int) -> int:
        """Return the number of the frame at a place on each axis, 0 where none is given."""
        return frames.axes_to_frame(self._canvas.info, kwargs)

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
        column, row, level = _tile_number(x), _tile_number(y), _tile_number(z)
        if not (pilImageAllowed or numpyAllowed):
            raw = self.raw_tile(column, row, level, frame)
            if raw is not None:
                return ImageBytes(raw.data, raw.mime)
        pixels = self._tiles.pixels(
            column, row, level, frame_of(frame), sparseFallback, for_screen=not numpyAllowed
        )
        if numpyAllowed:
            return pixels
        if pilImageAllowed:
            return enc.to_pil(pixels)
        return enc.encode(pixels, self._options.encoding)

    def raw_tile(self, x: int, y: int, z: int, frame: int | None = None) -> RawTile | None:
        """Return a tile's stored bytes if they are just what getTile would send, else None."""
        place = _tile_number(x), _tile_number(y), _tile_number(z)
        return self._tiles.raw(*place, frame_of(frame), self._options.encoding.mime)

    def getRegion(
        self, format: str | tuple[str, ...] = (TILE_FORMAT_IMAGE,), **kwargs: Any
    ) -> tuple[Any, str]:
        """Return a rectangle of the image, and its MIME type or the name of its format.

        With `output`, the result is no larger than maxWidth x maxHeight; with `scale` it has that
        magnification; its shape is kept. `fill` is a colour to fill up to maxWidth x maxHeight.
        The encoding TILED gives the path of a temporary file, which the caller removes.
        """
        request = self._request(format, kwargs)
        if request.delivery.encoding.name == "TILED" and request.delivery.is_encoded:
            view = self._canvas.view(request.region, request.output, request.frame)
            return write_tiled(self._canvas, view, request.delivery.encoding), "image/tiff"
        return deliver(picture(self._canvas, request), request.delivery)

    def getRegionAtAnotherScale(
        self,
        sourceRegion: Mapping[str, Any],
        sourceScale: Mapping[str, Any] | None = None,
        targetScale: Mapping[str, Any] | None = None,
        targetUnits: str | None = None,
        **kwargs: Any,
    ) -> tuple[Any, str]:
        """Return what getRegion does, of a region at one scale shown at another."""
        return self.getRegion(
            **self._rescaled(sourceRegion, sourceScale, targetScale, targetUnits, kwargs)
        )

    def read_box(self, box: Box, width: int, height: int, frame: int | None = None) -> Pixels:
        """Return a box of base pixels as an array of just (height, width, bands)."""
        number = self._canvas.frame(frame_of(frame))
        return self._canvas.pixels(
            View(box=box, width=width, height=height, frame=number), for_screen=True
        )

    def region_size(
        self,
        *,
        region: Mapping[str, object] | None = None,
        output: Mapping[str, object] | None = None,
        scale: Mapping[str, object] | None = None,
    ) -> tuple[int, int]:
        """Return the width and height that getRegion would return, without reading a pixel."""
        view = self._canvas.view(region, output_of(output, scale))
        return view.width, view.height

    def convertRegionScale(
        self,
        sourceRegion: Mapping[str, Any],
        sourceScale: Mapping[str, Any] | None = None,
        targetScale: Mapping[str, Any] | None = None,
        targetUnits: str | None = None,
        cropToImage: bool = True,
    ) -> dict[str, Any]:
        """Return a region in other units, or in pixels of another scale, under the same keys.

        A region in pixels of a scale becomes one of base pixels if no units are named; one that is
        in the wanted units already comes back as it is.
        """
        scales = scale_of(sourceScale), scale_of(targetScale)
        return regions.convert_region(
            self._canvas.grid, sourceRegion, *scales, targetUnits, cropToImage
        )

    def getPointAtAnotherScale(
        self,
        point: Sequence[float],
        sourceScale: Mapping[str, Any] | None = None,
        sourceUnits: str | None = None,
        targetScale: Mapping[str, Any] | None = None,
        targetUnits: str | None = None,
    ) -> tuple[float, float]:
        """Return an (x, y) in other units, or in pixels of another scale."""
        source, target = scale_of(sourceScale), scale_of(targetScale)
        return regions.convert_point(
            self._canvas.grid, point, source, sourceUnits, target, targetUnits
        )

    def getThumbnail(
        self,
        width: int | None = None,
        height: int | None = None,
        format: str | tuple[str, ...] = (TILE_FORMAT_IMAGE,),
        **kwargs: Any,
    ) -> tuple[Any, str]:
        """Return the whole image, no larger than width x height (256 x 256 if neither is given)."""
        if width is None and height is None:
            width = height = _THUMBNAIL
        size = {"maxWidth": width, "maxHeight": height}
        return self.getRegion(format, **{**kwargs, "region": None, "output": size})

    def getPixel(self, includeTileRecord: bool = False, **kwargs: Any) -> dict[str, Any]:
        """Return the pixel at a region's left and top: `value`, and its 8-bit r, g, b, a or l.

        Outside of the image, the dictionary is empty.
        """
        tile = measuring.single_pixel(self._canvas, self._request(TILE_FORMAT_NUMPY, kwargs))
        if tile is None:
            return {}
        record = {"tile": tile} if includeTileRecord else {}
        return record | measuring.pixel_record(tile)

    def tileFrames(
        self,
        format: str | tuple[str, ...] = (TILE_FORMAT_IMAGE,),
        frameList: Sequence[int] | None = None,
        framesAcross: int | None = None,
        **kwargs: Any,
    ) -> tuple[Any, str]:
        """Return the same region of many frames, all of them if none is named, in one picture."""
        request = self._request(format, kwargs)
        wanted = frames.frame_list(frameList, self.frames)
        pixels = frames.compose(
            wanted, framesAcross, lambda frame: picture(self._canvas, request, frame)
        )
        return deliver(pixels, request.delivery)

    def tileIterator(
        self,
        format: str | tuple[str, ...] = (TILE_FORMAT_NUMPY,),
        resample: bool | int | None = True,
        **kwargs: Any,
    ) -> Iterator[LazyTileDict]:
        """Yield the tiles of a region, row by row, each a dictionary whose pixels are read late."""
        return tiles(self._plan(format, resample, kwargs))

    def tileIteratorAtAnotherScale(
        self,
        sourceRegion: Mapping[str, Any],
        sourceScale: Mapping[str, Any] | None = None,
        targetScale: Mapping[str, Any] | None = None,
        targetUnits: str | None = None,
        **kwargs: Any,
    ) -> Iterator[LazyTileDict]:
        """Yield what tileIterator does, of a region at one scale shown at another."""
        return self.tileIterator(
            **self._rescaled(sourceRegion, sourceScale, targetScale, targetUnits, kwargs)
        )

    def getTileCount(
        self,
        format: str | tuple[str, ...] = (TILE_FORMAT_NUMPY,),
        resample: bool | int | None = True,
        **kwargs: Any,
    ) -> int:
        """Return how many tiles the iterator yields."""
        return len(self._plan(format, resample, kwargs).positions())

    def getSingleTile(
        self,
        format: str | tuple[str, ...] = (TILE_FORMAT_NUMPY,),
        resample: bool | int | None = True,
        **kwargs: Any,
    ) -> LazyTileDict | None:
        """Return the first tile that the iterator yields, or None if there is none."""
        return next(self.tileIterator(format, resample, **kwargs), None)

    def getSingleTileAtAnotherScale(self, *args: Any, **kwargs: Any) -> LazyTileDict | None:
        """Return the first tile that tileIteratorAtAnotherScale yields, or None."""
        return next(self.tileIteratorAtAnotherScale(*args, **kwargs), None)

    def histogram(
        self,
        dtype: npt.DTypeLike | None = None,
        onlyMinMax: bool = False,
        bins: int | Sequence[float] = 256,
        density: bool = False,
        format: object = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Return min, max, mean and stdev of each band of a region and, unless only these are
        wanted, a `histogram` of each, as histogram_of documents it.

        `range` is that of the histograms, else it is from the minimum to the maximum + 1. Pixels
        of the type uint8 are made of any, of another type only if they are of it.
        """
        limits = kwargs.pop("range", None)
        request = self._request(TILE_FORMAT_NUMPY, kwargs)
        if onlyMinMax:
            return measuring.extremes(self._canvas, request, dtype)
        options = HistogramOptions(bins=bins, range=limits, density=density)
        return measuring.histogram(self._canvas, request, options, dtype)

    def getAssociatedImagesList(self) -> list[str]:
        """Return the names of the label, macro and other images beside the main one."""
        return list(self._canvas.info.associated)

    def getAssociatedImage(
        self,
        imageKey: str,
        *,
        format: str | tuple[str, ...] = (TILE_FORMAT_IMAGE,),
        width: int | None = None,
        height: int | None = None,
        **kwargs: Any,
    ) -> tuple[Any, str] | None:
        """Return an image beside the main one, whole, no larger than width x height; or None."""
        delivery = delivery_of(format, kwargs, self._options.encoding)
        wanted = output_of({"maxWidth": width, "maxHeight": height}, None)
        pixels = self._reader.associated_image(imageKey)
        return None if pixels is None else deliver(fitted(pixels, wanted), delivery)

    @cached_property
    def _band_statistics(self) -> dict[str, Pixels]:
        stored = dataclasses.replace(self._canvas, renderer=Renderer(self._reader, _AS_STORED))
        return measuring.band_statistics(stored, self._request(TILE_FORMAT_NUMPY, {}))

    def _request(self, form: object, arguments: Mapping[str, Any]) -> Request:
        return request_of(form, arguments, self._options.encoding)

    def _plan(self, form: object, resample: object, arguments: Mapping[str, Any]) -> TilePlan:
        request = request_of(form, {**arguments, "resample": resample}, self._options.encoding)
        return TilePlan(self._canvas, request)

    def _rescaled(
        self,
        region: Mapping[str, Any],
        source: Mapping[str, Any] | None,
        target: Mapping[str, Any] | None,
        units: str | None,
        arguments: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Return the arguments with the region in base pixels and the scale of the target."""
        found = self.convertRegionScale(region, source, target, units or "base_pixels")
        return {**arguments, "region": found, "scale": target}


def _tile_number(value: object) -> int:
    number = whole(value, "a tile's number")
    if number is None:
        raise TileOutside("a tile has a column, a row and a level")
    return number
