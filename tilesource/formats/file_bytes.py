"""Bytes at a place in a file, read without moving a shared position: safe in many threads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, Protocol

from tilesource.errors import TileSourceError


class FileBytes(Protocol):
    """A file that can be read at any place."""

    size: int

    def read(self, offset: int, count: int) -> bytes:
        """Return the bytes there; fewer if the file ends before."""


class OpenFile:
    """A file that somebody else has open."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = os.fstat(file.fileno()).st_size

    def read(self, offset: int, count: int) -> bytes:
        """Return the bytes there; fewer if the file ends before."""
        try:  # not of a number that was kept, which may be another file's once this is closed
            return os.pread(self._file.fileno(), count, offset)
        except ValueError as exc:
            raise TileSourceError("the image has been closed") from exc


class ClosedFile:
    """A file of a set that may be too large to keep open; opened for each read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.size = path.stat().st_size

    def read(self, offset: int, count: int) -> bytes:
        """Return the bytes there; fewer if the file ends before."""
        with self._path.open("rb", buffering=0) as file:
            return os.pread(file.fileno(), count, offset)
