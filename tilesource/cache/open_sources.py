"""Open files, kept for the next request; the least recently used is closed first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tilesource.cache.computed import ComputedImages
from tilesource.file_source import FileTileSource
from tilesource.formats.base import Reader
from tilesource.options import Options
from tilesource.registry import open_reader


@dataclass(slots=True)
class _Entry:
    lock: threading.Lock = field(default_factory=threading.Lock)
    reader: Reader | None = None
    users: int = 0


class OpenSources:
    """At most `maximum` open files, more only while more are in use at once."""

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        self._lock = threading.Lock()
        self._entries: OrderedDict[tuple[object, ...], _Entry] = OrderedDict()

    @contextmanager
    def borrow(self, path: Path, options: Options | None = None) -> Iterator[FileTileSource]:
        """Lend a source of the file, which stays open for as long as it is lent."""
        source = self.lend(path, options or Options())
        try:
            yield source
        finally:
            source.close()

    def lend(
        self,
        path: Path,
        options: Options,
        source: str | None = None,
        cache: ComputedImages | None = None,
    ) -> FileTileSource:
        """Return a source of the file, which stays open until the source is closed."""
        key = (*_version(path), source)
        entry = self._take(key)
        try:
            with entry.lock:  # others that want this file wait for it; nobody else does
                if entry.reader is None:
                    entry.reader = open_reader(path, source)
            return FileTileSource(
                entry.reader, options, partial(self._give_back, key, entry), cache
            )
        except BaseException:
            self._give_back(key, entry)
            raise

    def close(self) -> None:
        """Close every file that is not lent."""
        with self._lock:
            closing = self._pop_idle(0)
        _close(closing)

    def __len__(self) -> int:
        return len(self._entries)

    def _take(self, key: tuple[object, ...]) -> _Entry:
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
            entry.users += 1
            return entry

    def _give_back(self, key: tuple[object, ...], entry: _Entry) -> None:
        with self._lock:
            entry.users -= 1
            if entry.reader is None and not entry.users:
                self._entries.pop(key, None)  # it could not be opened
            closing = self._pop_idle(self.maximum)
        _close(closing)

    def _pop_idle(self, keep: int) -> list[_Entry]:
        excess = len(self._entries) - keep
        idle = [key for key, entry in self._entries.items() if not entry.users][: max(excess, 0)]
        return [self._entries.pop(key) for key in idle]


def _version(path: Path) -> tuple[object, ...]:
    """Return what changes when the path names another file."""
    try:
        stat = path.stat()
    except OSError:
        return (str(path),)
    return str(path), stat.st_ino, stat.st_size, stat.st_mtime_ns


def _close(entries: list[_Entry]) -> None:
    for entry in entries:
        if entry.reader is not None:
            entry.reader.close()
