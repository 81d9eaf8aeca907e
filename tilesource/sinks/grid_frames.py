"""The frames of a full grid of axes, each made when it is asked for.

A new image may get one frame after the other; listing all of them each time would take for ever.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import overload


@dataclass(frozen=True)
class GridFrames(Sequence[Mapping[str, int]]):
    """For each frame its place on every axis, the last axis changing fastest."""

    axes: Mapping[str, int]  # axis -> length

    def __len__(self) -> int:
        return math.prod(self.axes.values())

    @overload
    def __getitem__(self, number: int) -> Mapping[str, int]: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[Mapping[str, int]]: ...

    def __getitem__(self, number: int | slice) -> Mapping[str, int] | Sequence[Mapping[str, int]]:
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        place = range(len(self))[number]
        found: dict[str, int] = {}
        for axis, length in reversed([*self.axes.items()]):
            place, found[axis] = divmod(place, length)
        return {axis: found[axis] for axis in self.axes}
