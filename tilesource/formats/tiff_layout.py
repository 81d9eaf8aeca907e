"""Which pages of a TIFF are resolutions, which are frames, and which are associated images."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tifffile

from tilesource.errors import DamagedFile, UnreadableFile
from tilesource.formats.base import frames_of
from tilesource.formats.tiff_ome import check_ome

# tifffile marks the axes of a plane so; all others count frames.
_PLANE_AXES = "YXS"
_MACRO = 9  # the NewSubfileType that Aperio gives its macro image


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffLayout:
    """The pages of each level, one a frame, finest level first; and the images beside them."""

    levels: Sequence[Sequence[Any]]
    frames: Sequence[Mapping[str, int]]
    associated: Mapping[str, Any]  # name -> page


def layout_of(tiff: tifffile.TiffFile) -> TiffLayout:
    """Return how the file's pages belong together."""
    _check_chain(tiff)
    if tiff.is_ome:
        check_ome(tiff.ome_metadata or "")
    return _aperio_layout(tiff) if tiff.is_svs else _series_layout(tiff)


def _check_chain(tiff: tifffile.TiffFile) -> None:
    """Refuse a file whose pages go on beyond its end: it was cut, and some of them are lost."""
    end = tiff.pages.next_page_offset
    tiff.filehandle.seek(end)
    following = tiff.filehandle.read(tiff.tiff.offsetsize)
    if any(following):
        raise DamagedFile("the TIFF is truncated: some of its pages lie beyond its end")


def _series_layout(tiff: tifffile.TiffFile) -> TiffLayout:
    """Take the pages as tifffile groups them, which knows the formats of many vendors."""
    series = list(tiff.series)
    if not series:
        raise UnreadableFile("the TIFF holds no image")
    main = max(series, key=_area)
    axes = _frame_axes(main)
    count = math.prod(axes.values())
    levels = [level.pages for level in main.levels if len(level.pages) == count]
    if len(main.pages) != count:
        raise UnreadableFile(f"{count} frames in {len(main.pages)} pages is not supported")
    named = tiff.is_ndpi or tiff.is_scn or tiff.is_bif or tiff.is_qpi
    others = [each for each in series if each is not main and each.name.strip()]
    return TiffLayout(
        levels=levels,
        frames=frames_of(axes),
        associated={each.name.strip().lower(): each.pages[0] for each in others} if named else {},
    )


def _area(series: Any) -> int:
    """Return the number of pixels of a plane; the first of equals is the main image."""
    sizes = dict(zip(series.axes, series.shape, strict=True))
    return int(sizes.get("Y", 0)) * int(sizes.get("X", 0))


def _frame_axes(series: Any) -> dict[str, int]:
    return {
        axis.lower(): int(size)
        for axis, size in zip(series.axes, series.shape, strict=True)
        if axis not in _PLANE_AXES
    }


def _aperio_layout(tiff: tifffile.TiffFile) -> TiffLayout:
    """Tell levels, which are tiled, from thumbnail, label and macro, which are in strips.

    By position, as Aperio documents it, would fail for an SVS that another program has rewritten:
    it keeps the description, but not the images beside the levels.
    """
    first, *rest = tiff.pages
    levels = [page for page in [*rest, *(first.pages or ())] if _is_level_of(first, page)]
    levels.sort(key=lambda page: page.imagewidth, reverse=True)
    associated = {
        _aperio_name(page): page for page in reversed(rest) if not page.keyframe.is_tiled
    }
    return TiffLayout(
        levels=[[page] for page in (first, *levels)], frames=({},), associated=associated
    )


def _is_level_of(page: Any, other: Any) -> bool:
    """Tell whether a page is the main one again, smaller."""
    small = other.keyframe
    ratio = page.imagewidth / small.imagewidth
    # The width and the height of a level are each rounded by up to a pixel.
    rounding = ratio * (1 + page.imagelength / page.imagewidth)
    alike = abs(page.imagelength - small.imagelength * ratio) <= rounding
    return bool(small.is_tiled and ratio > 1 and alike and small.dtype == page.dtype)


def _aperio_name(page: Any) -> str:
    """Return what an image beside the levels shows, by its description or else by its kind."""
    words = page.keyframe.description[:2000].lower()
    for name in ("label", "macro"):
        if name in words:
            return name
    if not page.subfiletype:
        return "thumbnail"
    return "macro" if page.subfiletype == _MACRO else "label"
