"""Check a TIFF's directories before anything trusts them: cycles, cuts and absurd sizes.

Source: TIFF 6.0, section 2; the BigTIFF design; and for NDPI, whose offsets of the next directory
are 8 bytes long in a classic TIFF, tifffile.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from tilesource.errors import DamagedFile, UnreadableFile

_MOST_DIRECTORIES = 100_000
_MOST_TAGS = 4096
_SUB_DIRECTORIES = 330
# The bytes that a value of each tag type takes; 16 to 18 are those of BigTIFF.
_TYPE_BYTES = np.array([1, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 1, 1, 8, 8, 8], np.float64)

_Tags = np.ndarray[tuple[int], np.dtype[np.void]]


@dataclass(frozen=True, slots=True)
class _Form:
    """How a kind of TIFF writes its directories."""

    order: str
    count: struct.Struct
    next: struct.Struct
    tag: np.dtype[np.void]
    inline_bytes: int


def check_directories(file: BinaryIO, name: str) -> None:
    """Raise unless every directory lies in the file, comes once, and claims a sane size."""
    size = os.fstat(file.fileno()).st_size
    form, first = _form_of(file, name)
    claimed, seen = 0, set[int]()
    for offset, tags in _directories(file, form, first, size):
        if offset in seen:
            raise DamagedFile(f"the TIFF's pages form a cycle at byte {offset:,}")
        seen.add(offset)
        if len(seen) > _MOST_DIRECTORIES:
            raise UnreadableFile(f"more than {_MOST_DIRECTORIES:,} pages are not supported")
        claimed += _value_bytes(tags, form)
        # Values may be shared, but not so often that reading them all takes forever.
        if claimed > 4 * size + (1 << 20):
            raise DamagedFile(f"the TIFF's tags claim {claimed:,} bytes of a file of {size:,}")


def _form_of(file: BinaryIO, name: str) -> tuple[_Form, int]:
    """Return how the file writes directories, and where the first one is."""
    file.seek(0)
    header = file.read(16)
    order = "<" if header[:2] == b"II" else ">"
    is_big = header[2:4] in (b"+\0", b"\0+")
    is_ndpi = not is_big and order == "<" and name.lower().endswith(".ndpi")
    length = 8 if is_big else 4
    tag = np.dtype(
        [("code", order + "u2"), ("type", order + "u2"),
         ("count", f"{order}u{length}"), ("value", f"{order}u{length}")]
    )  # fmt: skip
    form = _Form(
        order=order,
        count=struct.Struct(order + ("Q" if is_big else "H")),
        next=struct.Struct(order + ("Q" if is_big or is_ndpi else "I")),
        tag=tag,
        inline_bytes=length,
    )
    place = header[8 if is_big else 4 :][: form.next.size]
    if len(place) < form.next.size:
        raise DamagedFile("the TIFF ends within its header")
    return form, int(form.next.unpack(place)[0])


def _directories(
    file: BinaryIO, form: _Form, first: int, size: int
) -> Iterator[tuple[int, _Tags]]:
    """Yield the offset and the tags of each directory of the chain, and of those below it."""
    offset = first
    while offset:
        tags, following = _directory(file, form, offset, size)
        yield offset, tags
        for below in _sub_directories(file, form, tags, size):
            yield below, _directory(file, form, below, size)[0]
        offset = following


def _directory(
    file: BinaryIO, form: _Form, offset: int, size: int
) -> tuple[_Tags, int]:
    if offset >= size:
        raise DamagedFile("the TIFF is truncated: some of its pages lie beyond its end")
    file.seek(offset)
    count = form.count.unpack(_exactly(file, form.count.size))[0]
    if not 1 <= count <= _MOST_TAGS:
        raise DamagedFile(f"a page of the TIFF has {count:,} tags")
    tags = np.frombuffer(_exactly(file, count * form.tag.itemsize), form.tag)
    return tags, int(form.next.unpack(_exactly(file, form.next.size))[0])


def _exactly(file: BinaryIO, length: int) -> bytes:
    data = file.read(length)
    if len(data) < length:
        raise DamagedFile("the TIFF is truncated: it ends within a page's tags")
    return data


def _value_bytes(tags: _Tags, form: _Form) -> int:
    """Return how many bytes the tags' values take outside of the directory."""
    kinds = np.where(tags["type"] < len(_TYPE_BYTES), tags["type"], 0)
    lengths = tags["count"].astype(np.float64) * _TYPE_BYTES[kinds]
    return int(lengths[lengths > form.inline_bytes].sum())


def _sub_directories(file: BinaryIO, form: _Form, tags: _Tags, size: int) -> list[int]:
    """Return the offsets of the directories below a page: its smaller resolutions."""
    found: list[int] = []
    for tag in tags[tags["code"] == _SUB_DIRECTORIES]:
        width = int(_TYPE_BYTES[tag["type"]]) if tag["type"] in (4, 13, 16, 18) else 4
        length = int(tag["count"]) * width
        data = tag["value"].tobytes()
        if length > form.inline_bytes:
            if int(tag["value"]) + length > size:
                raise DamagedFile("the TIFF is truncated: its smaller resolutions are lost")
            file.seek(int(tag["value"]))
            data = _exactly(file, length)
        found += np.frombuffer(data[:length], f"{form.order}u{width}").tolist()
    return [offset for offset in found if offset]
