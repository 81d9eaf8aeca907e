"""From a document of sources to what is shown where: files found, frames numbered, sizes known."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tilesource.errors import UnreadableFile
from tilesource.formats.base import ImageInfo
from tilesource.formats.multi_schema import MultiDocument, Position, SourceEntry
from tilesource.geometry import Box

_MOST_FILES = 20_000
_MOST_FRAMES = 100_000
_MOST_PLACED = 1_000_000
_NOWHERE = "__none__"  # the path of a source that needs no file


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SourceFile:
    """One file of the image, and the entry that asks for it."""

    path: Path
    entry: SourceEntry
    starts: Mapping[str, int]  # axis -> index of its first frame


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
    deepest = -1
    for entry in document.sources:
        starts = {axis: first for axis, first in entry.starts.items() if axis != "frame"}
        if not (entry.starts or entry.fixed or entry.channels or entry.pattern):
            starts = {"z": deepest + 1}  # what says nothing of its place lies behind the others
        for file in _files(document, entry, folder, roots, starts):
            deepest = max(deepest, file.starts.get("z", 0), entry.fixed.get("z", 0))
            found.append(file)
            if len(found) > _MOST_FILES:
                raise UnreadableFile(f"more than {_MOST_FILES:,} files are not supported")
    return found


def _files(
    document: MultiDocument,
    entry: SourceEntry,
    folder: Path,
    roots: Sequence[Path],
    starts: Mapping[str, int],
) -> Iterator[SourceFile]:
    if entry.path == _NOWHERE:
        yield SourceFile(path=Path("test"), entry=entry, starts=starts)
        return
    place = _confined(folder / document.base_path / entry.path, roots)
    if entry.pattern is None:
        yield SourceFile(path=place, entry=entry, starts=starts)
        return
    if not place.is_dir():
        raise UnreadableFile(f"{entry.path!r}, whose files match a pattern, is no folder")
    names = sorted(child.name for child in place.iterdir() if child.is_file())
    matches = [match for name in names if (match := entry.pattern.search(name))]
    for number, match in enumerate(matches):
        named = _named(match.groupdict())
        steps = {axis: step * number for axis, step in entry.steps.items()}
        if not (named or steps or starts or entry.fixed):
            steps = {"z": number}
        axes = {*named, *steps, *starts}
        yield SourceFile(
            path=_confined(place / match.string, roots),
            entry=entry,
            starts={a: named.get(a, 0) + steps.get(a, 0) + starts.get(a, 0) for a in axes},
        )


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
    channels = list(document.channels)
    parts: list[tuple[Mapping[str, int], Placed]] = []
    first = info_of(files[0])
    for file in files:
        info = first if document.uniform else info_of(file)
        for frame, spot in _spots(file, info, channels):
            crop = _crop(file.entry, info)
            placed = Placed(file=file, frame=frame, crop=crop, position=file.entry.position)
            parts.append((spot, placed))
        if len(parts) > _MOST_PLACED:
            raise UnreadableFile(f"more than {_MOST_PLACED:,} parts are not supported")
    if _is_plain(files, first):
        frames: list[list[Placed]] = [[] for _ in range(max(p.frame for _, p in parts) + 1)]
        for _, placed in parts:
            frames[placed.frame].append(placed)
        return _laid_out(document, {}, frames, channels)
    sizes = _sizes(document.axes, [spot for spot, _ in parts])
    frames = [[] for _ in range(math.prod(sizes.values()))]
    for place, placed in parts:
        frames[_number(place, sizes)].append(placed)
    return _laid_out(document, sizes, frames, channels)


def _is_plain(files: Sequence[SourceFile], info: ImageInfo) -> bool:
    """Tell whether the image is that of one file whose frames have no axes."""
    entry = files[0].entry
    says_axes = entry.starts or entry.fixed or entry.strides or entry.channels or entry.pattern
    return len(files) == 1 and not says_axes and len(info.frames) > 1 and not info.frames[0]


def _spots(
    file: SourceFile, info: ImageInfo, channels: list[str]
) -> Iterator[tuple[int, dict[str, int]]]:
    """Yield each frame of a file that is used, with its index on each axis of the whole image."""
    entry = file.entry
    named = entry.channels or info.channels
    wanted = range(len(info.frames)) if entry.frames is None else entry.frames
    for frame in wanted:
        if frame >= len(info.frames):
            raise UnreadableFile(f"{file.path.name} has no frame {frame}")
        own = _own_axes(entry, info, frame)
        spot = {
            axis: own.get(axis, 0) + file.starts.get(axis, 0) for axis in {*own, *file.starts}
        }
        if named and "c" not in file.starts:
            spot["c"] = _channel(named, own.get("c", 0), channels)
        yield frame, spot | dict(entry.fixed)


def _own_axes(entry: SourceEntry, info: ImageInfo, frame: int) -> dict[str, int]:
    """Return where a frame is within its own file."""
    if not entry.strides:
        return dict(info.frames[frame])
    strides = sorted(entry.strides.items(), key=lambda item: max(item[1], 1))
    ends = [max(stride, 1) for _, stride in strides[1:]] + [len(info.frames)]
    return {
        axis: frame % end // max(stride, 1)
        for (axis, stride), end in zip(strides, ends, strict=True)
    }


def _channel(named: Sequence[str], place: int, channels: list[str]) -> int:
    """Return the index of a channel by its name; one not met before comes last."""
    name = named[place] if place < len(named) else f"Channel {place + 1}"
    if name not in channels:
        channels.append(name)
    return channels.index(name)


def _crop(entry: SourceEntry, info: ImageInfo) -> Box:
    """Return the part of a file to show, within the file."""
    base, crop = info.levels[0], entry.position.crop
    left, top = max(crop.left or 0, 0), max(crop.top or 0, 0)
    right = base.width if crop.right is None else min(crop.right, base.width)
    bottom = base.height if crop.bottom is None else min(crop.bottom, base.height)
    return Box(x=left, y=top, width=max(right - left, 0), height=max(bottom - top, 0))


def _sizes(known: Sequence[str], spots: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Return the sizes of the axes, the fastest last: those of the document end with c."""
    sizes: dict[str, int] = {}
    for spot in spots:
        for axis, place in spot.items():
            sizes[axis] = max(sizes.get(axis, 0), place + 1)
    if math.prod(sizes.values()) > _MOST_FRAMES:
        raise UnreadableFile(f"more than {_MOST_FRAMES:,} frames are not supported")
    order = [axis for axis in sizes if axis not in known] + list(reversed(known))
    return {axis: sizes[axis] for axis in order if sizes.get(axis, 0) > 1}


def _number(spot: Mapping[str, int], sizes: Mapping[str, int]) -> int:
    number = 0
    for axis, size in sizes.items():
        number = number * size + spot.get(axis, 0)
    return number


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
