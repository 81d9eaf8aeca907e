"""The outer form of a BigTIFF: data in any order, and the directories that point to it.

Sources: TIFF 6.0, section 2; the BigTIFF proposal (magic 43, offsets and counts of 8 bytes).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

_HEADER = struct.pack("<2sHHHQ", b"II", 43, 8, 0, 0)
_FIRST_LINK = 8  # where the header points to the first directory
# Field types of TIFF by the letter that `struct` has for one of their values.
_TYPES = {"B": 1, "s": 2, "H": 3, "I": 4, "Q": 16}
_RATIONAL = 5
_UNDEFINED = 7


@dataclass(frozen=True, slots=True)
class Tag:
    """One field of a directory: its code, the type and number of its values, and their bytes."""

    code: int
    type: int
    count: int
    data: bytes


def numbers(code: int, kind: str, values: Sequence[int]) -> Tag:
    """Return a tag of whole numbers: `B`, `H`, `I` or `Q` for 1, 2, 4 or 8 bytes each."""
    return Tag(code, _TYPES[kind], len(values), struct.pack(f"<{len(values)}{kind}", *values))


def table(code: int, values: npt.NDArray[np.uint64]) -> Tag:
    """Return a tag of as many numbers of 8 bytes as there are tiles."""
    return Tag(code, _TYPES["Q"], values.size, values.astype("<u8").tobytes())


def text(code: int, value: bytes) -> Tag:
    """Return a tag of text, which TIFF ends with a zero byte."""
    return Tag(code, _TYPES["s"], len(value) + 1, value + b"\0")


def rational(code: int, numerator: int, denominator: int) -> Tag:
    """Return a tag of one fraction."""
    return Tag(code, _RATIONAL, 1, struct.pack("<II", numerator, denominator))


def opaque(code: int, value: bytes) -> Tag:
    """Return a tag of bytes that TIFF does not interpret."""
    return Tag(code, _UNDEFINED, len(value), value)


class BigTiffFile:
    """A BigTIFF that is being written to a seekable file, which the caller closes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._link = _FIRST_LINK
        self._end = file.write(_HEADER)

    def append(self, data: bytes) -> int:
        """Write data at the next even place, as TIFF wants it, and return its offset."""
        offset = self._end + self._end % 2
        self._end = (
            offset + self._file.write(bytes(offset - self._end) + data) - (offset - self._end)
        )
        return offset

    def add_page(self, tags: Sequence[Tag]) -> int:
        """Write a directory as the next page of the file, and return its offset."""
        offset = self.add_directory(tags)
        self._file.seek(self._link)
        self._file.write(struct.pack("<Q", offset))
        self._file.seek(self._end)
        self._link = self._end - 8
        return offset

    def add_directory(self, tags: Sequence[Tag]) -> int:
        """Write a directory that only a tag of another will point to, and return its offset."""
        entries = b"".join(self._entry(tag) for tag in sorted(tags, key=lambda tag: tag.code))
        return self.append(struct.pack("<Q", len(tags)) + entries + bytes(8))

    def _entry(self, tag: Tag) -> bytes:
        """Return a directory's entry: the values themselves, or where they are if too many."""
        short = len(tag.data) <= 8
        value = tag.data.ljust(8, b"\0") if short else struct.pack("<Q", self.append(tag.data))
        return struct.pack("<HHQ", tag.code, tag.type, tag.count) + value
