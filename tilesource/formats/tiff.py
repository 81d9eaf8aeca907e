"""TIFF and what vendors build on it: plain pyramids, Aperio SVS, OME-TIFF.

tifffile tells the structure; tiles are read with one pread each, so that threads need no lock.
"""

from __future__ import annotations

import contextlib
import functools
import struct
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import tifffile

from tilesource.constants import SourcePriority
from tilesource.errors import DamagedFile, UnreadableFile
from tilesource.formats.base import ImageInfo, Pixels, RawTile, Reader
from tilesource.formats.tiff_layout import layout_of
from tilesource.formats.tiff_metadata import metadata_of
from tilesource.formats.tiff_page import TiffPage
from tilesource.formats.tiles import assemble
from tilesource.geometry import Box

_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# What tifffile raises on directories that make no sense.
_MEANINGLESS = (
    tifffile.TiffFileError, ValueError, TypeError, IndexError, KeyError, AttributeError,
    ArithmeticError, RuntimeError, struct.error, OSError,
)  # fmt: skip
_PAGES_KEPT = 256
# Labels and macros are read whole; no scanner writes one that is nearly as large.
_LARGEST_ASSOCIATED = 1 << 28  # bytes
_DEEPEST_ASSOCIATED = 8  # bytes a pixel


class TiffReader(Reader):
    """A TIFF whose structure tifffile understands."""

    name = "tiff"
    extensions = {
        None: SourcePriority.LOW,
        "tif": SourcePriority.HIGH, "tiff": SourcePriority.HIGH, "svs": SourcePriority.HIGH,
        "ptif": SourcePriority.PREFERRED, "ptiff": SourcePriority.PREFERRED,
        "qptiff": SourcePriority.PREFERRED,
    }  # fmt: skip
    mime_types = {
        None: SourcePriority.FALLBACK,
        "image/tiff": SourcePriority.HIGH, "image/x-ptif": SourcePriority.PREFERRED,
    }  # fmt: skip

    def __init__(self, path: Path, file: BinaryIO, tiff: tifffile.TiffFile) -> None:
        self._file = file
        self._tiff = tiff
        self._layout = layout_of(tiff)
        self._lock = threading.Lock()  # tifffile seeks in the file when it first meets a page
        self._page = functools.lru_cache(_PAGES_KEPT)(self._load_page)
        self._associated = self._supported(self._layout.associated)
        super().__init__(path, self._describe())

    @classmethod
    def open(cls, path: Path) -> TiffReader:
        with contextlib.ExitStack() as on_error:
            file = on_error.enter_context(path.open("rb"))
            if file.read(4) not in _MAGIC:
                raise UnreadableFile(f"{path.name} is not a TIFF")
            file.seek(0)
            try:
                # Else tifffile opens what paths an OME-XML names: other people's, or a pipe.
                reader = cls(path, file, tifffile.TiffFile(file, _multifile=False))
            except DamagedFile as exc:
                raise DamagedFile(f"{path.name} is damaged: {exc}") from exc
            except (UnreadableFile, *_MEANINGLESS) as exc:
                raise UnreadableFile(f"{path.name} is a TIFF that cannot be read: {exc}") from exc
            on_error.pop_all()
            return reader

    def close(self) -> None:
        self._file.close()

    def _describe(self) -> ImageInfo:
        pages = [self._page(level, 0) for level in range(len(self._layout.levels))]
        first = pages[0]
        alike = [page for page in pages if (page.bands, page.dtype) == (first.bands, first.dtype)]
        notes = metadata_of(self._tiff, self._layout.levels[0][0].keyframe)
        return ImageInfo(
            levels=tuple(page.level for page in alike),
            dtype=first.dtype,
            bands=first.bands,
            frames=self._layout.frames,
            channels=notes.channels,
            magnification=notes.magnification,
            mm_x=notes.mm_x,
            mm_y=notes.mm_y,
            lossy=first.lossy,
            associated=tuple(sorted(self._associated)),
            internal=notes.internal,
        )

    def _supported(self, pages: Mapping[str, Any]) -> dict[str, TiffPage]:
        """Return the images beside the main one, without those that we cannot read whole."""
        found = {}
        for name, page in pages.items():
            with contextlib.suppress(UnreadableFile):
                found[name] = TiffPage(self._file.fileno(), page)
        return {name: page for name, page in found.items() if _is_picture(page)}

    def _load_page(self, level: int, frame: int) -> TiffPage:
        with self._lock:
            page = self._layout.levels[level][frame]
            if page is None:
                raise DamagedFile(f"frame {frame} is missing in {self._tiff.filename}")
            return TiffPage(self._file.fileno(), page)

    def _read(self, level: int, frame: int, x: int, y: int, width: int, height: int) -> Pixels:
        page = self._page(level, frame)
        return _pixels(page, Box(x=x, y=y, width=width, height=height))

    def _raw_tile(self, level: int, frame: int, column: int, row: int) -> RawTile | None:
        return self._page(level, frame).raw_tile(column, row)

    def _associated_image(self, key: str) -> Pixels:
        page = self._associated[key]
        whole = Box(x=0, y=0, width=page.level.width, height=page.level.height)
        return _pixels(page, whole)


def _is_picture(page: TiffPage) -> bool:
    depth = page.bands * page.dtype.itemsize
    size = page.level.width * page.level.height * depth
    return depth <= _DEEPEST_ASSOCIATED and size <= _LARGEST_ASSOCIATED


def _pixels(page: TiffPage, box: Box) -> Pixels:
    return assemble(page.level, box, page.bands, page.dtype, page.decode)
