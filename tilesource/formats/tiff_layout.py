"""Which pages of a TIFF are resolutions, which are frames, and which are associated images."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tifffile

from tilesource.errors import UnreadableFile
from tilesource.formats.base import frames_of
from tilesource.formats.tiff_notes import noted_frames
from tilesource.formats.tiff_plane import is_plain

# Axes of a series, in tifffile's letters, that number frames; P and V are positions of the stage.
_FRAME_AXES = {"C": "c", "Z": "z", "T": "t", "P": "xy", "V": "xy"}
_MACRO = 9  # the NewSubfileType that Aperio gives its macro image
# What tifffile raises on JSON that tells no shape, or a senseless one.
_NO_SHAPE = (KeyError, ValueError, TypeError, AttributeError, RecursionError)
_BESIDE = ("label", "macro", "thumbnail", "overview", "map")


@dataclass(frozen=True, slots=True)
class PageRef:
    """One plane of pixels: a page, or one plane of those that a page stores after each other."""

    page: Any | None  # None: the file does not have it
    plane: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffLayout:
    """The planes of each level, one a frame, finest level first; and the images beside them."""

    levels: Sequence[Sequence[PageRef]]
    frames: Sequence[Mapping[str, int]]
    associated: Mapping[str, PageRef]
    name: str = ""  # of the main image, if it has one


def layout_of(tiff: tifffile.TiffFile) -> TiffLayout:
    """Return how the file's pages belong together."""
    return _aperio_layout(tiff) if tiff.is_svs else _series_layout(tiff)


def _series_layout(tiff: tifffile.TiffFile) -> TiffLayout:
    """Take the pages as tifffile groups them, which knows the formats of many vendors."""
    series = [each for each in _all_series(tiff) if each.keyframe.dtype is not None]
    if not series:
        raise UnreadableFile("the TIFF holds no image")
    main = max(series, key=_area)
    alike = [each for each in series if tiff.is_ome and _is_alike(main, each)] or [main]
    levels = [
        [ref for part in parts for ref in _planes(part)]
        for parts in zip(*(each.levels for each in alike), strict=False)
    ]
    count = len(levels[0])
    axes = ({"xy": len(alike)} if len(alike) > 1 else {}) | _axes(main)
    is_grid = bool(axes) and math.prod(axes.values()) == count
    plain = frames_of(axes) if is_grid else ({},) * count
    return TiffLayout(
        levels=[level for level in levels if len(level) == count],
        frames=noted_frames(tiff.ome_metadata or "", map(_description, levels[0]), count) or plain,
        associated=_associated(tiff, [each for each in series if each not in alike]),
        name=main.name.strip(),
    )


def _all_series(tiff: tifffile.TiffFile) -> Sequence[Any]:
    """Return the groups of pages, by their likeness if what they note of their shapes is wrong.

    tifffile takes any JSON with a "shape" for its own, even if large_image quotes it there.
    """
    try:
        series: Sequence[Any] = tiff.series
    except _NO_SHAPE:
        if not tiff.is_shaped:
            raise
        tiff.is_shaped = False
        series = tiff.series
    return series


def _description(ref: PageRef) -> str:
    """Return what a page of one plane says of it; one that tifffile skimmed is read whole."""
    page = ref.page
    if page is None or ref.plane is not None or page.is_virtual:
        return ""
    return str(page.aspage().description)


def _area(series: Any) -> int:
    """Return the number of pixels of a plane; the first of equals is the main image."""
    return int(series.keyframe.imagewidth) * int(series.keyframe.imagelength)


def _is_alike(main: Any, other: Any) -> bool:
    return (main.shape, main.axes, main.dtype) == (other.shape, other.axes, other.dtype)


def _frame_sizes(series: Any) -> list[tuple[str, int]]:
    """Return the axes of a series that number frames, with their sizes, the fastest last."""
    axes, shape = series.get_axes(squeeze=False), series.get_shape(squeeze=False)
    before = axes.index("Y") if "Y" in axes else 0
    return [
        (axis, int(size))
        for axis, size in zip(axes[:before], shape, strict=False)
        if axis != "S"
    ]


def _axes(series: Any) -> dict[str, int]:
    """Return the sizes of the axes that have a meaning; frames are just numbered if one has none.

    An OME-TIFF tells of channels, depths and times even where there is only one.
    """
    sizes = _frame_sizes(series)
    known = Counter(_FRAME_AXES.get(axis, "") for axis, size in sizes if size > 1)
    if known[""] or any(times > 1 for times in known.values()):
        return {}
    keeps_all = series.kind == "ome"
    return {
        _FRAME_AXES[axis]: size
        for axis, size in sizes
        if axis in _FRAME_AXES and (size > 1 or keeps_all)
    }


def _planes(series: Any) -> list[PageRef]:
    """Return the planes of a series, one a frame."""
    count = math.prod(size for _, size in _frame_sizes(series))
    key, pages = series.keyframe, len(series)
    if pages == count and not series.is_truncated:
        return [PageRef(page) for page in series]
    if key.samplesperpixel * pages == count and key.planarconfig == 2:
        return [PageRef(page, plane) for page in series for plane in range(key.samplesperpixel)]
    if series.dataoffset is not None and is_plain(series[0]) and _fits(series[0], count):
        return [PageRef(series[0], plane) for plane in range(count)]
    raise UnreadableFile(f"{count} frames in {pages} pages are not supported")


def _fits(page: Any, count: int) -> bool:
    """Tell whether so many planes can follow each other within the file."""
    return bool(page.dataoffsets[0] + count * page.nbytes <= page.parent.filehandle.size)


def _associated(tiff: tifffile.TiffFile, others: Sequence[Any]) -> dict[str, PageRef]:
    """Return the images beside the main one, by the names that vendors or writers give them."""
    if tiff.is_scn:  # the scans that are less fine show the whole slide
        return {"macro": PageRef(min(others, key=_area)[0])} if others else {}
    if tiff.is_ndpi or tiff.is_bif or tiff.is_qpi or tiff.is_philips or tiff.is_avs or tiff.is_ome:
        named = [(each.name.strip().lower(), each[0]) for each in others]
        return {name: PageRef(page) for name, page in named if name.split(" ")[0] in _BESIDE}
    return dict(_described(others))


def _described(others: Sequence[Any]) -> Iterator[tuple[str, PageRef]]:
    """Yield the images in strips that a description names."""
    for series in others:
        page, key = series[0], series.keyframe
        words = re.findall(r"\w+", key.description[:2000].lower())
        if not key.is_tiled and words and (words[0] in _BESIDE or len(words) == 1):
            yield words[0], PageRef(page)


def _aperio_layout(tiff: tifffile.TiffFile) -> TiffLayout:
    """Tell levels, which are tiled, from thumbnail, label and macro, which are in strips.

    By position, as Aperio documents it, would fail for an SVS that another program has rewritten:
    it keeps the description, but not the images beside the levels.
    """
    first, *rest = tiff.pages
    levels = [page for page in [*rest, *(first.pages or ())] if _is_level_of(first, page)]
    levels.sort(key=lambda page: page.imagewidth, reverse=True)
    associated = {
        _aperio_name(page): PageRef(page) for page in reversed(rest) if not page.keyframe.is_tiled
    }
    return TiffLayout(
        levels=[[PageRef(page)] for page in (first, *levels)], frames=({},), associated=associated
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
