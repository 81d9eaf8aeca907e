"""What a tile source tells of itself: what it is of, its sizes, scales, bands and frames."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from tilesource import bands, frames, measuring
from tilesource.arguments import whole
from tilesource.canvas import Canvas
from tilesource.constants import TILE_FORMAT_NUMPY, SourcePriority
from tilesource.formats.base import Pixels, Reader
from tilesource.geometry import Grid, Scale, scale_of
from tilesource.levels import level_for, preferred_level, scale_at
from tilesource.metadata import metadata_of
from tilesource.options import Options
from tilesource.picturing import tile_size
from tilesource.registry import can_read
from tilesource.rendering import Renderer
from tilesource.request import request_of
from tilesource.style import icc

_AS_STORED = {"icc": False}  # the style that changes nothing


class DescribedSource:
    """The facts of an open image, under their documented names.

    `extensions` and `mimeTypes` are those of the format, and how well it suits each of them; None
    stands for all others.
    """

    geospatial = False
    extensions: Mapping[str | None, SourcePriority] = {None: SourcePriority.FALLBACK}
    mimeTypes: Mapping[str | None, SourcePriority] = {None: SourcePriority.FALLBACK}

    def __init__(self, reader: Reader, options: Options) -> None:
        self._reader = reader
        self._options = options
        self.extensions, self.mimeTypes = reader.extensions, reader.mime_types
        info = reader.info
        base = info.levels[0]
        tile_width, tile_height = tile_size(base)
        grid = Grid(
            width=base.width, height=base.height, tile_width=tile_width, tile_height=tile_height,
            scale=Scale(magnification=info.magnification, mm_x=info.mm_x, mm_y=info.mm_y),
        )  # fmt: skip
        renderer = Renderer(reader, options.style)
        self._canvas = Canvas(grid=grid, info=info, renderer=renderer)
        self._encoding = dataclasses.replace(options.encoding, on_white=not renderer.has_bands)

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
        return self._encoding.name

    @property
    def jpegQuality(self) -> int:
        """Return the quality of tiles as JPEG, 1 to 100."""
        return self._encoding.quality

    @property
    def jpegSubsampling(self) -> int:
        """Return 0, 1 or 2: colours of tiles as JPEG are 4:4:4, 4:2:2 or 4:2:0."""
        return self._encoding.subsampling

    @property
    def tiffCompression(self) -> str:
        """Return the compression of tiles as TIFF."""
        return self._encoding.tiff_compression

    @property
    def edge(self) -> bool | str:
        """Return what becomes of tiles at the edges, as it was given."""
        return self._options.edge

    @property
    def style(self) -> str | Mapping[str, Any] | None:
        """Return the style, as it was given."""
        return self._options.style

    @classmethod
    def canRead(cls, path: str | os.PathLike[str], *args: Any, **kwargs: Any) -> bool:
        """Tell whether any format reads the file."""
        return can_read(path)

    @staticmethod
    def getLRUHash(*args: Any, **kwargs: Any) -> str:
        """Return a text that differs if the path or anything that a source is opened with does."""
        return key_of("", args, kwargs)

    def getState(self) -> str:
        """Return a text that is the same for sources that give the same pixels and bytes."""
        return key_of(self.name, [], self.opened_with())

    def wrapKey(self, *args: Any, **kwargs: Any) -> str:
        """Return a text that names the result of a call on this source, for use as a cache key."""
        return key_of(self.getState(), args, kwargs)

    def opened_with(self) -> dict[str, Any]:
        """Return the arguments that open the same source again."""
        return self._options.arguments()

    def getMetadata(self) -> dict[str, Any]:
        """Return sizes in pixels, the scale in millimetres a pixel, and the frames."""
        return metadata_of(self._canvas.grid, self._canvas.info)

    def getInternalMetadata(self, **kwargs: Any) -> dict[str, Any]:
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
        **kwargs: Any,
    ) -> int | float | None:
        """Return the level of a scale; `exact` and `rounding` as level_for documents them."""
        wanted = scale_of({"magnification": magnification, "mm_x": mm_x, "mm_y": mm_y})
        return level_for(self._canvas.grid, wanted, exact, rounding)

    def getPreferredLevel(self, level: int) -> int:
        """Return the coarsest level that is stored and no coarser than a level."""
        return preferred_level(self._canvas.stored, whole(level, "a level") or 0)

    def getICCProfiles(self, idx: int | None = None, onlyInfo: bool = False) -> Any:
        """Return the image's ICC profiles for Pillow, or what they say of themselves.

        An image has one at most, whose `idx` is 0. Without one, there is None.
        """
        return icc.profiles_of(self._canvas.info, idx, onlyInfo)

    def getBandInformation(
        self, statistics: bool = False, **kwargs: Any
    ) -> dict[int, dict[str, Any]]:
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
        return self._encoding.mime

    @cached_property
    def _band_statistics(self) -> dict[str, Pixels]:
        stored = dataclasses.replace(self._canvas, renderer=Renderer(self._reader, _AS_STORED))
        return measuring.band_statistics(
            stored, request_of(TILE_FORMAT_NUMPY, {}, self._encoding)
        )


def key_of(name: str, args: Any, kwargs: Mapping[str, Any]) -> str:
    """Return a text for a name and arguments; paths and other objects count as their text."""
    return json.dumps([name, list(args), dict(kwargs)], sort_keys=True, default=str)
