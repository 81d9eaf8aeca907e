"""A new image: tiles are added to it in any order, it can be looked at, and is written at last."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tilesource.arguments import whole
from tilesource.constants import SourcePriority, dtypeToGValue
from tilesource.errors import InvalidRequest, TileSourceError
from tilesource.formats.base import Pixels
from tilesource.geometry import Box, Scale
from tilesource.options import Options
from tilesource.sinks.extent import Extent
from tilesource.sinks.facts import info_of, within
from tilesource.sinks.patches import Patch, array_of, mask_of, patch_of
from tilesource.sinks.placing import Planes, planes_of
from tilesource.sinks.ranges import Ranges
from tilesource.sinks.reader import SinkReader
from tilesource.sinks.saving import Saving, save
from tilesource.sinks.settings import (
    Settings,
    colours_of,
    crop_of,
    names_of,
    notes_of,
    positive_length,
    positive_size,
)
from tilesource.sinks.stamp import Stamp, layout_of, with_opacity
from tilesource.source import TileSource
from tilesource.writing.fitting import without_last_band
from tilesource.writing.picture import Picture

_KINDS = ("auto", "vips", "zarr")


class TileSink(TileSource):
    """A new image, kept in a temporary file until it is written; threads may add to it at once.

    Of the kind `vips`, an alpha band tells where tiles have been, and transparent ones let those
    below show through; of the kind `zarr`, bands are kept as they come. `auto` is the former until
    a tile comes with axes.
    """

    newPriority = SourcePriority.MEDIUM

    def __init__(self, options: Options, kind: str = "auto") -> None:
        if kind not in _KINDS:
            raise InvalidRequest(f"a new image is of the kind auto, vips or zarr, not {kind!r}")
        self._kind = kind
        self._settings = Settings()
        self._ranges = Ranges()
        self._lock = threading.RLock()
        self._changes = 0
        self._sink = SinkReader(info_of(None, Settings(), ()))
        super().__init__(self._sink, options)

    def addTile(
        self,
        tile: object,
        x: int = 0,
        y: int = 0,
        mask: object = None,
        interpretation: object = None,
        axes: object = None,
        **kwargs: Any,
    ) -> None:
        """Add a tile whose upper left corner is at x, y; the image grows to hold it.

        It is an array, a Pillow or libvips image, or the bytes of an image file. Where a mask is
        0, the image stays as it was. `interpretation` is L, LA, RGB, RGBA, MULTIBAND for bands
        that are no colours, `pixelmap` for 0xBBGGRR numbers, or one of libvips's. `axes` names the
        axes of the array, such as `tzyxs`; other arguments tell its place on axes, as `z=3`.
        """
        planes = planes_of(array_of(tile), axes, kwargs)
        patch = patch_of(planes.pixels, interpretation)
        planes = replace(planes, pixels=patch.pixels)
        box = _box_of(x, y, patch)
        let_through = mask_of(mask, box.height, box.width)
        added = Extent(
            box=box, layout=layout_of(patch), axes=planes.axes, has_alpha=patch.has_alpha,
            shows_cover=self._shows_cover(patch, planes),
        )  # fmt: skip
        with self._lock:
            blends = self._grow(added).shows_cover and patch.has_alpha
            numbers = [self._sink.number_of(place) for place, _ in planes.each()]
            self._ranges.add(patch.pixels, let_through)
        for number, (_, pixels) in zip(numbers, planes.each(), strict=True):
            stamp = Stamp(with_opacity(pixels, patch), added.layout, box, let_through, blends)
            self._sink.store.change(number, box, stamp.onto)

    def addAssociatedImage(self, imageKey: str, image: object) -> None:
        """Add an image beside the main one, such as `label`."""
        planes = planes_of(array_of(image), None, {})
        with self._lock:
            self._sink.associated[str(imageKey)] = patch_of(planes.pixels).pixels
            self._describe()

    def write(
        self,
        path: str | os.PathLike[str],
        lossy: bool = True,
        alpha: bool = True,
        overwriteAllowed: bool = True,
        vips_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        """Write the image in the format that the path's suffix asks for.

        That is TIFF, OME-TIFF (`.ome.tiff`), zarr (`.zarr`, `.zarr.zip`), `.dzi`, or what libvips
        writes. A lossy TIFF is JPEG where the pixels allow it, and has no alpha. `vips_kwargs` are
        options for libvips instead of those chosen here.
        """
        target = Path(path)
        if target.exists() and not overwriteAllowed:
            raise TileSourceError(f"{target.name} exists already")
        with self._lock:
            picture, has_alpha = self._picture(), self._extent.alpha
        keeps = has_alpha and alpha
        shown = picture if keeps or not has_alpha else without_last_band(picture)
        save(shown, target, Saving(has_alpha=keeps, lossy=lossy, vips_options=vips_kwargs))

    def getState(self) -> str:
        """Return a text that is another one after each change."""
        return f"{self._sink.path},{self._changes}"

    @property
    def crop(self) -> tuple[int, int, int, int] | None:
        """Return the x, y, width and height in pixels of the part that is written, None for all."""
        box = self._settings.crop
        return None if box is None else (box.x, box.y, box.width, box.height)

    @crop.setter
    def crop(self, value: object) -> None:
        self._set(replace(self._settings, crop=crop_of(value)))

    @property
    def minWidth(self) -> int | None:
        """Return the least width of the image in pixels."""
        return self._settings.min_width

    @minWidth.setter
    def minWidth(self, value: object) -> None:
        self._set(replace(self._settings, min_width=positive_size("minWidth", value)))

    @property
    def minHeight(self) -> int | None:
        """Return the least height of the image in pixels."""
        return self._settings.min_height

    @minHeight.setter
    def minHeight(self, value: object) -> None:
        self._set(replace(self._settings, min_height=positive_size("minHeight", value)))

    @property
    def mm_x(self) -> float | None:
        """Return the width of a pixel in millimetres."""
        return self._settings.mm_x

    @mm_x.setter
    def mm_x(self, value: object) -> None:
        self._set(replace(self._settings, mm_x=positive_length("mm_x", value)))

    @property
    def mm_y(self) -> float | None:
        """Return the height of a pixel in millimetres."""
        return self._settings.mm_y

    @mm_y.setter
    def mm_y(self, value: object) -> None:
        self._set(replace(self._settings, mm_y=positive_length("mm_y", value)))

    @property
    def channelNames(self) -> list[str] | None:
        """Return the names of the places on the axis c."""
        return list(self._settings.channels) or None

    @channelNames.setter
    def channelNames(self, value: object) -> None:
        self._set(replace(self._settings, channels=names_of(value)))

    @property
    def channelColors(self) -> list[str]:
        """Return the colours of the places on the axis c, which a zarr tells, as `#rrggbb`."""
        return list(self._settings.colours)

    @channelColors.setter
    def channelColors(self, value: object) -> None:
        self._set(replace(self._settings, colours=colours_of(value)))

    @property
    def imageDescription(self) -> str | None:
        """Return what is said of the image, which a zarr tells."""
        return self._settings.description

    @imageDescription.setter
    def imageDescription(self, value: object) -> None:
        said = None if value is None else str(value)
        self._set(replace(self._settings, description=said))

    @property
    def additionalMetadata(self) -> Mapping[str, Any] | None:
        """Return what else is noted of the image, which a zarr tells."""
        return self._settings.notes

    @additionalMetadata.setter
    def additionalMetadata(self, value: object) -> None:
        self._set(replace(self._settings, notes=notes_of(value)))

    @property
    def origin(self) -> dict[str, int]:
        """Return the most negative x and y of all tiles, which are the image's corner."""
        extent = self._sink.extent
        return {"x": 0, "y": 0} if extent is None else {"x": extent.box.x, "y": extent.box.y}

    @property
    def bandRanges(self) -> dict[str, Pixels] | None:
        """Return `min` and `max` of each band of all tiles, or None if there is none."""
        return self._ranges.found

    @property
    def bandFormat(self) -> str | None:
        """Return libvips's name for the type of the pixels, or None if there are none."""
        extent = self._sink.extent
        return None if extent is None else dtypeToGValue.get(extent.layout.dtype.char, "double")

    @property
    def _extent(self) -> Extent:
        if self._sink.extent is None:
            raise InvalidRequest("the image has no tiles yet")
        return self._sink.extent

    def _shows_cover(self, patch: Patch, planes: Planes) -> bool:
        if self._kind == "auto":
            return not (patch.is_multiband or planes.starts)
        return self._kind == "vips" and not patch.is_multiband

    def _grow(self, added: Extent) -> Extent:
        """Make room for a tile, and return what the image is then."""
        old = self._sink.extent
        new = added.from_origin() if old is None else old.joined(added)
        self._sink.store.make_room(new.layout)
        self._sink.extent = new
        self._describe()
        return new

    def _set(self, settings: Settings) -> None:
        with self._lock:
            self._settings = settings
            self._describe()

    def _describe(self) -> None:
        """Let all that follows from the image's facts follow anew."""
        info = info_of(self._sink.extent, self._settings, tuple(sorted(self._sink.associated)))
        self._changes += 1
        self.__dict__.pop("_band_statistics", None)
        if info != self._sink.info:
            self._sink.info = info
            super().__init__(self._sink, self._options)

    def _picture(self) -> Picture:
        """Return the part of the image that is to be written."""
        extent, base = self._extent, self._sink.info.levels[0]
        whole_image = Box(x=0, y=0, width=base.width, height=base.height)
        crop = within(self._settings.crop, whole_image)
        info = self._sink.info

        def read(frame: int, box: Box) -> Pixels:
            return self._sink.read(0, frame, crop.x + box.x, crop.y + box.y, box.width, box.height)

        return Picture(
            width=crop.width, height=crop.height, bands=info.bands, dtype=info.dtype, read=read,
            frames=extent.frames, channels=info.channels, channel_colours=self._settings.colours,
            description=self._settings.description or "", notes=self._settings.notes or {},
            scale=Scale(magnification=info.magnification, mm_x=info.mm_x, mm_y=info.mm_y),
            associated={
                name: functools.partial(self._sink.associated_image, name)
                for name in info.associated
            },
        )  # fmt: skip


def _box_of(x: object, y: object, patch: Patch) -> Box:
    height, width = patch.pixels.shape[-3:-1]
    left, top = whole(x, "the x of a tile") or 0, whole(y, "the y of a tile") or 0
    return Box(x=left, y=top, width=width, height=height)
