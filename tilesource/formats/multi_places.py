"""Which frame of a document's image each frame of its files is."""

from __future__ import annotations

import itertools
import math
import reprlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tilesource.errors import UnreadableFile
from tilesource.formats.base import ImageInfo
from tilesource.formats.multi_schema import MultiDocument, SourceEntry

_MOST_FRAMES = 100_000
_NUMBER = "frame"  # stands for an axis where frames are just numbered

Spot = Mapping[str, int]
"""The index of a frame on each axis."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SourceFile:
    """One file of the image, and the entry that asks for it."""

    path: Path
    entry: SourceEntry
    starts: Mapping[str, int]  # axis -> index of its first frame


class Places:
    """Tells one file after the other where its frames go, and gives channels their numbers."""

    def __init__(self, document: MultiDocument) -> None:
        self._names = dict(enumerate(document.channels))
        self._numbers = {name: number for number, name in reversed(self._names.items())}
        self._deepest = -1

    def of(self, file: SourceFile, info: ImageInfo) -> Iterator[tuple[int, Spot]]:
        """Yield each frame of a file that is used, and its place.

        A file of whose place nothing is said lies behind those before it.
        """
        entry, behind = file.entry, {"z": self._deepest + 1}
        starts = file.starts or ({} if entry.values else behind)
        named = (*entry.channels, *info.channels[len(entry.channels) :])
        for frame in range(len(info.frames)) if entry.frames is None else entry.frames:
            if frame >= len(info.frames):
                raise UnreadableFile(f"{file.path.name} has no frame {frame}")
            own = _own_axes(entry, info, frame)
            spot = {
                axis: _place(own.get(axis, 0), starts.get(axis, 0), entry.values.get(axis, ()))
                for axis in (*own, *starts, *entry.values)
            }
            spot |= entry.fixed
            channel = own.get("c", 0)
            if channel < len(named):
                told = any("c" in places for places in (starts, entry.values, entry.fixed))
                spot["c"] = self._channel(named[channel], spot["c"] if told else None)
            if _NUMBER not in own:
                spot.pop(_NUMBER, None)
            self._deepest = max(self._deepest, spot.get("z", 0))
            yield frame, spot

    def channels(self, sizes: Mapping[str, int]) -> Sequence[str]:
        """Return the names of the channels, or none if one lacks its own."""
        numbers = range(sizes.get("c", 1))
        is_named = all(number in self._names for number in numbers)
        return [self._names[number] for number in numbers] if is_named else ()

    def _channel(self, name: str, told: int | None) -> int:
        """Return the index of a channel: as told, or by its name, a new one being the next."""
        number = self._numbers.get(name) if told is None else told
        if number is None:
            places = itertools.count(len(self._names))
            number = next(place for place in places if place not in self._names)
        self._names.setdefault(number, name)
        self._numbers.setdefault(name, number)
        return number


def sizes_of(spots: Sequence[Spot], known: Sequence[str]) -> dict[str, int]:
    """Return the sizes of the axes, the fastest last: those of the document end with c.

    Where there is no axis, frames are numbered, as on an axis `frame`.
    """
    reach: dict[str, int] = {}
    for spot in spots:
        for axis, place in spot.items():
            reach[axis] = max(reach.get(axis, 0), place + 1)
    order = [axis for axis in reach if axis not in (*known, _NUMBER)] + list(reversed(known))
    sizes = {axis: reach[axis] for axis in order if reach.get(axis, 0) > 1}
    sizes = sizes or {_NUMBER: reach.get(_NUMBER, 1)}
    if math.prod(sizes.values()) > _MOST_FRAMES:
        raise UnreadableFile(f"more than {_MOST_FRAMES:,} frames are not supported")
    return sizes


def number_of(spot: Spot, sizes: Mapping[str, int]) -> int:
    """Return the number of the frame at a place."""
    number = 0
    for axis, size in sizes.items():
        number = number * size + spot.get(axis, 0)
    return number


def _own_axes(entry: SourceEntry, info: ImageInfo, frame: int) -> Spot:
    """Return where a frame is within its own file: its number only, if the file has no axes."""
    if not entry.strides:
        return info.frames[frame] or ({_NUMBER: frame} if len(info.frames) > 1 else {})
    strides = sorted(entry.strides.items(), key=lambda item: max(item[1], 1))
    ends = [max(stride, 1) for _, stride in strides[1:]] + [len(info.frames)]
    return {
        axis: frame % end // max(stride, 1)
        for (axis, stride), end in zip(strides, ends, strict=True)
    }


def _place(own: int, start: int, values: Sequence[int]) -> int:
    """Return where an index of a file goes: one value is added to it, of several one replaces it.

    Beyond the list its last step goes on. That the first index there has the last place once more,
    and that the start counts as steps, is how documents have been read up to now.
    """
    if len(values) < 2:
        return own + start + sum(values)
    if own < len(values):
        return values[own] + start
    place = values[-1] + (own - len(values) + start) * (values[-1] - values[-2])
    if place < 0:
        raise UnreadableFile(f"the values {reprlib.repr(values)} put the index {own} at {place}")
    return place
