"""From a document of sources to what is shown where: files found, frames numbered, sizes known."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tilesource.errors import UnreadableFile
from tilesource.formats.base import ImageInfo
from tilesource.formats.multi_places import Places, SourceFile, Spot, number_of, sizes_of
from tilesource.formats.multi_schema import NOWHERE, MultiDocument, Position, SourceEntry
from tilesource.geometry import Box

_MOST_FILES = 20_000
_MOST_PLACED = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One frame of one file, at its place."""

    file: SourceFile
    frame: int
    crop: Box  # in the file's own pixels
    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What each frame is made of, in the order in which it is put together."""

    width: int
    height: int
    axes: Mapping[str, int]  # name -> size, the fastest last; empty: frames are just numbered
    frames: Sequence[Sequence[Placed]]
    channels: Sequence[str]


def files_of(document: MultiDocument, folder: Path, allowed: Sequence[Path]) -> list[SourceFile]:
    """Return the files of all entries; each lies in the folder, or in one that is allowed."""
    roots = [folder.resolve(), *(root.resolve() for root in allowed)]
    found: list[SourceFile] = []
    for entry in document.sources:
        found.extend(_files(document, entry, folder, roots))
        if len(found) > _MOST_FILES:
            raise UnreadableFile(f"more than {_MOST_FILES:,} files are not supported")
    return found


def _files(
    document: MultiDocument, entry: SourceEntry, folder: Path, roots: Sequence[Path]
) -> Iterator[SourceFile]:
    if entry.path == NOWHERE:
        yield SourceFile(path=Path("test"), entry=entry, starts=entry.starts)
        return
    place = _confined(folder / document.base_path / entry.path, roots)
    if entry.pattern is None:
        yield SourceFile(path=place, entry=entry, starts=entry.starts)
        return
    if not place.is_dir():
        raise UnreadableFile(f"{entry.path!r}, whose files match a pattern, is no folder")
    names = sorted(child.name for child in place.iterdir() if child.is_file())
    matches = [match for name in names if (match := entry.pattern.search(name))]
    for number, match in enumerate(matches):
        starts = {**entry.starts, **_named(match.groupdict())}
        for axis, step in entry.steps.items():
            starts[axis] = starts.get(axis, 0) + step * number
        yield SourceFile(path=_confined(place / match.string, roots), entry=entry, starts=starts)


def _named(groups: Mapping[str, str | None]) -> dict[str, int]:
    """Return the indices that named groups tell; a name that ends in 1 counts from 1."""
    found = {}
    for name, text in groups.items():
        if text and text.isdecimal() and len(text) < 7:
            counts_from_1 = name.endswith("1")
            found[name.removesuffix("1").lower()] = max(int(text) - counts_from_1, 0)
    return found


def _confined(path: Path, roots: Sequence[Path]) -> Path:
    """Return the path without links, if it lies in one of the folders."""
    try:
        found = path.resolve()
    except (OSError, RuntimeError, ValueError) as exc:
        raise UnreadableFile(f"the source {path.name!r} is no path") from exc
    if not any(found.is_relative_to(root) for root in roots):
        raise UnreadableFile(f"the source {path.name!r} lies outside of the document's folder")
    return found


def plan_of(
    document: MultiDocument,
    files: Sequence[SourceFile],
    info_of: Callable[[SourceFile], ImageInfo],
) -> Plan:
    """Return what is shown where; `info_of` opens a file to look."""
    places = Places(document)
    parts: list[tuple[Spot, Placed]] = []
    first = info_of(files[0])
    for file in files:
        info = first if document.uniform else info_of(file)
        crop, position = _crop(file.entry, info), file.entry.position
        for frame, spot in places.of(file, info):
            parts.append((spot, Placed(file=file, frame=frame, crop=crop, position=position)))
        if len(parts) > _MOST_PLACED:
            raise UnreadableFile(f"more than {_MOST_PLACED:,} parts are not supported")
    sizes = sizes_of([spot for spot, _ in parts], document.axes)
    frames: list[list[Placed]] = [[] for _ in range(math.prod(sizes.values()))]
    for spot, placed in parts:
        frames[number_of(spot, sizes)].append(placed)
    axes = {axis: size for axis, size in sizes.items() if axis != "frame"}
    return _laid_out(document, axes, frames, places.channels(sizes))


def _crop(entry: SourceEntry, info: ImageInfo) -> Box:
    """Return the part of a file to show, within the file."""
    base, crop = info.levels[0], entry.position.crop
    left, top = max(crop.left or 0, 0), max(crop.top or 0, 0)
    right = base.width if crop.right is None else min(crop.right, base.width)
    bottom = base.height if crop.bottom is None else min(crop.bottom, base.height)
    return Box(x=left, y=top, width=max(right - left, 0), height=max(bottom - top, 0))


def _laid_out(
    document: MultiDocument,
    axes: Mapping[str, int],
    frames: Sequence[Sequence[Placed]],
    channels: Sequence[str],
) -> Plan:
    """Return the plan, as large as the document says or as its parts reach."""
    extents = [_extent(placed) for each in frames for placed in each]
    width = document.width or max((right for right, _ in extents), default=0)
    height = document.height or max((bottom for _, bottom in extents), default=0)
    if not (1 <= width < 1 << 31 and 1 <= height < 1 << 31):
        raise UnreadableFile(f"an image of {width} x {height} pixels is not supported")
    return Plan(width=width, height=height, axes=axes, frames=frames, channels=channels)


def _extent(placed: Placed) -> tuple[int, int]:
    """Return one past the rightmost and lowest pixel that a part reaches."""
    across, down = zip(*corners_of(placed), strict=True)
    # A hair less, for the product of a scale can come out above a whole number.
    return math.ceil(max(across) - 1e-6), math.ceil(max(down) - 1e-6)


def corners_of(placed: Placed) -> list[tuple[float, float]]:
    """Return where the corners of a part are shown, in base pixels of the whole image."""
    box, at = placed.crop, placed.position
    return [
        (at.x + at.s11 * u + at.s12 * v, at.y + at.s21 * u + at.s22 * v)
        for u in (box.x, box.x + box.width)
        for v in (box.y, box.y + box.height)
    ]
