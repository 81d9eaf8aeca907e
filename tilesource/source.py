"""TileSource: the documented methods, each short, each handing on to the module that knows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any

import numpy.typing as npt

from tilesource import encoding as enc
from tilesource import frames, measuring, regions
from tilesource.arguments import whole
from tilesource.canvas import View
from tilesource.constants import TILE_FORMAT_IMAGE, TILE_FORMAT_NUMPY
from tilesource.delivery import deliver
from tilesource.described import DescribedSource
from tilesource.encoding import Encoding
from tilesource.errors import TileOutside
from tilesource.formats.base import Pixels, RawTile, Reader
from tilesource.geometry import Box, output_of, scale_of
from tilesource.histogram import HistogramOptions
from tilesource.image_bytes import ImageBytes
from tilesource.iterator import TilePlan, tiles
from tilesource.options import Options
from tilesource.picturing import fitted, picture
from tilesource.request import Request, delivery_of, frame_of, request_of
from tilesource.tiled import write_tiled
from tilesource.tiledict import LazyTileDict
from tilesource.tilegrid import TileGrid

_THUMBNAIL = 256


class TileSource(DescribedSource):
    """An image, served in tiles, regions and thumbnails."""

    def __init__(self, reader: Reader, options: Options) -> None:
        super().__init__(reader, options)
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
        place = _tile_number(x), _tile_number(y), _tile_number(z)
        if not (pilImageAllowed or numpyAllowed):
            raw = self.raw_tile(*place, frame)
            if raw is not None:
                return ImageBytes(raw.data, raw.mime)
            return self._encoded(place, frame, sparseFallback)
        pixels = self._tiles.pixels(
            *place, frame_of(frame), sparseFallback, for_screen=not numpyAllowed
        )
        return pixels if numpyAllowed else enc.to_pil(pixels)

    def _encoded(
        self, place: tuple[int, int, int], frame: int | None, sparse_fallback: bool
    ) -> ImageBytes:
        """Return the tile at a column, row and level as an image file, made from its pixels."""
        pixels = self._tiles.pixels(*place, frame_of(frame), sparse_fallback, for_screen=True)
        return enc.encode(pixels, self._encoding)

    def raw_tile(self, x: int, y: int, z: int, frame: int | None = None) -> RawTile | None:
        """Return a tile's stored bytes if they are just what getTile would send, else None."""
        place = _tile_number(x), _tile_number(y), _tile_number(z)
        return self._tiles.raw(*place, frame_of(frame), self._encoding.mime)

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

    def encoded_box(
        self, box: Box, width: int, height: int, encoding: Encoding, frame: int | None = None
    ) -> ImageBytes:
        """Return what `read_box` does as an image file."""
        how = dataclasses.replace(encoding, on_white=self._encoding.on_white)
        return enc.encode(self.read_box(box, width, height, frame), how)

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
        **kwargs: Any,
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
        max_workers: int | None = None,
        **kwargs: Any,
    ) -> tuple[Any, str]:
        """Return the same region of many frames, all of them if none is named, in one picture.

        `max_workers` changes nothing: a frame's tiles are decoded on all cores.
        """
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
        delivery = delivery_of(format, kwargs, self._options.encoding)  # they have no style
        wanted = output_of({"maxWidth": width, "maxHeight": height}, None)
        pixels = self._reader.associated_image(imageKey)
        return None if pixels is None else deliver(fitted(pixels, wanted), delivery)

    def _request(self, form: object, arguments: Mapping[str, Any]) -> Request:
        return request_of(form, arguments, self._encoding)

    def _plan(self, form: object, resample: object, arguments: Mapping[str, Any]) -> TilePlan:
        request = request_of(form, {**arguments, "resample": resample}, self._encoding)
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
