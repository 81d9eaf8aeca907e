"""TIFF and what vendors build on it: pyramids, SVS, OME-TIFF, NDPI, SCN, QPTIFF, LSM, ImageJ.

tifffile tells the structure; tiles are read with one pread each, so that threads need no lock.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import struct
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import tifffile

from tilesource.constants import SourcePriority
from tilesource.errors import DamagedFile, UnreadableFile
from tilesource.formats import ome
from tilesource.formats.base import ImageInfo, Pixels, RawTile, Reader
from tilesource.formats.decoded import DECODED
from tilesource.formats.file_bytes import ClosedFile, FileBytes, OpenFile
from tilesource.formats.orientation import orientation_of
from tilesource.formats.safe_xml import check_xml
from tilesource.formats.tiff_chain import check_directories
from tilesource.formats.tiff_layout import PageRef, layout_of
from tilesource.formats.tiff_metadata import metadata_of
from tilesource.formats.tiff_page import MissingPage, TiffPage
from tilesource.formats.tiff_plane import TiffPlane, is_plain
from tilesource.formats.tiles import assemble, holes_of
from tilesource.geometry import Box

_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# What tifffile raises on directories that make no sense.
_MEANINGLESS = (
    tifffile.TiffFileError, ValueError, TypeError, IndexError, KeyError, AttributeError,
    ArithmeticError, RuntimeError, struct.error, OSError, AssertionError, MemoryError,
)  # fmt: skip
_PAGES_KEPT = 256
_ORIENTATION = 274
_CONVERTED = (tifffile.PHOTOMETRIC.SEPARATED, tifffile.PHOTOMETRIC.CIELAB)

# It tells of each oddity of a file; what matters is raised here as an error.
logging.getLogger("tifffile").setLevel(logging.CRITICAL)

_Page = TiffPage | TiffPlane | MissingPage


class TiffReader(Reader):
    """A TIFF whose structure tifffile understands."""

    name = "tiff"
    extensions = {
        None: SourcePriority.MEDIUM,
        **dict.fromkeys(("ptif", "ptiff", "qptiff"), SourcePriority.PREFERRED),
        **dict.fromkeys(("tif", "tiff", "svs", "lsm", "stk", "ome", "scn"), SourcePriority.HIGH),
        **dict.fromkeys(("bif", "ndpi"), SourcePriority.MEDIUM),
    }
    mime_types = {
        None: SourcePriority.FALLBACK,
        **dict.fromkeys(("image/tiff", "image/x-tiff"), SourcePriority.HIGH),
        "image/x-ptif": SourcePriority.PREFERRED,
    }

    def __init__(self, path: Path, file: BinaryIO, tiff: tifffile.TiffFile) -> None:
        self._tiff = tiff
        self._file = file
        self._bytes = OpenFile(file)
        self._layout = layout_of(tiff)
        self._lock = threading.Lock()  # tifffile seeks in the file when it first meets a page
        self._page = functools.lru_cache(_PAGES_KEPT)(self._load_page)
        self._associated = self._supported()
        self._turn = orientation_of(self._first.keyframe.tags.valueof(_ORIENTATION))
        super().__init__(path, self._describe())

    @classmethod
    def open(cls, path: Path) -> TiffReader:
        with contextlib.ExitStack() as on_error:
            file = on_error.enter_context(path.open("rb"))
            if file.read(4) not in _MAGIC:
                raise UnreadableFile(f"{path.name} is not a TIFF")
            try:
                reader = cls(path, file, _structure(path, file))
            except DamagedFile as exc:
                raise DamagedFile(f"{path.name} is damaged: {exc}") from exc
            except (UnreadableFile, *_MEANINGLESS) as exc:
                raise UnreadableFile(f"{path.name} is a TIFF that cannot be read: {exc}") from exc
            on_error.pop_all()
            return reader

    def close(self) -> None:
        self._page.cache_clear()
        DECODED.forget(self._bytes)
        self._file.close()

    @property
    def _first(self) -> Any:
        first = self._layout.levels[0][0].page
        if first is None:
            raise DamagedFile("its first frame is missing")
        return first

    def _describe(self) -> ImageInfo:
        pages = [self._page(level, 0) for level in range(len(self._layout.levels))]
        first = pages[0]
        alike = [page for page in pages if (page.bands, page.dtype) == (first.bands, first.dtype)]
        notes = metadata_of(self._tiff, self._layout)
        return ImageInfo(
            levels=tuple(self._turn.level(page.level) for page in alike),
            dtype=first.dtype,
            bands=first.bands,
            frames=self._layout.frames,
            channels=notes.channels,
            magnification=notes.magnification,
            mm_x=notes.mm_y if self._turn.transposed else notes.mm_x,
            mm_y=notes.mm_x if self._turn.transposed else notes.mm_y,
            lossy=first.lossy,
            associated=tuple(sorted(self._associated)),
            icc_profile=self._profile(),
            internal=notes.internal,
        )

    def _profile(self) -> bytes | None:
        """Return the profile of the pixels as they are read, unless they are converted to RGB."""
        key = self._first.keyframe
        profile: bytes | None = key.iccprofile
        return None if key.photometric in _CONVERTED else profile

    def _supported(self) -> dict[str, _Page]:
        """Return the images beside the main one, without those of a kind that we do not know."""
        found = {}
        for name, ref in self._layout.associated.items():
            with contextlib.suppress(UnreadableFile):
                found[name] = self._open_page(ref)
        return found

    def _load_page(self, level: int, frame: int) -> _Page:
        ref = self._layout.levels[level][frame]
        if ref.page is None:
            like = self._page(level, 0)
            return MissingPage(like.level, like.bands, like.dtype)
        with self._lock:
            try:
                return self._open_page(ref)
            except _MEANINGLESS as exc:
                raise DamagedFile(f"frame {frame} of {self.path.name} is damaged: {exc}") from exc

    def _open_page(self, ref: PageRef) -> _Page:
        file = self._bytes_of(ref.page)
        if is_plain(ref.page):
            return TiffPlane(file, ref.page, ref.plane or 0)
        return TiffPage(file, ref.page, ref.plane)

    def _bytes_of(self, page: Any) -> FileBytes:
        if page.parent is self._tiff:
            return self._bytes
        return ClosedFile(Path(page.parent.filehandle.path))

    def _read(self, level: int, frame: int, x: int, y: int, width: int, height: int) -> Pixels:
        shown = self.info.levels[level]
        box = self._turn.stored_box(Box(x=x, y=y, width=width, height=height), shown)
        return self._turn.shown(self._assembled(self._page(level, frame), box))

    def _read_reduced(self, level: int, frame: int, box: Box, factor: int) -> Pixels | None:
        page, shown = self._page(level, frame), self.info.levels[level]
        if not page.can_reduce or page.is_sparse or not self._turn.is_upright:
            return None
        starts = (box.x, box.y, shown.tile_width, shown.tile_height)
        ends = (box.width if box.x + box.width < shown.width else 0,
                box.height if box.y + box.height < shown.height else 0)  # fmt: skip
        if any(place % factor for place in (*starts, *ends)):
            return None
        return self._assembled(page, box, factor)

    def _holes(self, level: int, frame: int, box: Box) -> Sequence[Box]:
        page, shown = self._page(level, frame), self.info.levels[level]
        if not page.is_sparse:
            return ()
        stored = self._turn.stored_box(box, shown)
        return [self._turn.shown_box(hole, shown) for hole in holes_of(page, stored)]

    def _raw_tile(self, level: int, frame: int, column: int, row: int) -> RawTile | None:
        return self._page(level, frame).raw_tile(column, row) if self._turn.is_upright else None

    def _associated_image(self, key: str) -> Pixels:
        page = self._associated[key]
        whole = Box(x=0, y=0, width=page.level.width, height=page.level.height)
        return self._assembled(page, whole)

    def _assembled(self, page: _Page, box: Box, factor: int = 1) -> Pixels:
        try:
            return assemble(page, box, factor)
        except DamagedFile as exc:
            raise DamagedFile(f"{self.path.name} is damaged: {exc}") from exc


class _Stream:
    """An open file that is none to tifffile: of those, it opens the others that an OME-XML names.

    Without a descriptor it does not, neither by a whole path nor in the working folder.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.read, self.readinto = file.read, file.readinto  # type: ignore[attr-defined]
        self.seek, self.tell = file.seek, file.tell


def _structure(path: Path, file: BinaryIO) -> tifffile.TiffFile:
    """Return the file's structure; other files belong to it only if they lie beside it."""
    check_directories(file, path.name)
    file.seek(0)
    alone = tifffile.TiffFile(_Stream(file), name=path.name)
    first = alone.pages.first
    if "<!" in first.description:
        check_xml(first.description)
    if not alone.is_ome or not ome.siblings_of(alone.ome_metadata or "", path):
        return alone
    file.seek(0)
    return tifffile.TiffFile(file)
