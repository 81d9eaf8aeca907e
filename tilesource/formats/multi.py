"""An image put together from many files, as a YAML or JSON document tells."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import numpy as np

from tilesource.config import getConfig
from tilesource.constants import SourcePriority
from tilesource.errors import DamagedFile, TileSourceError, UnreadableFile
from tilesource.formats.base import ImageInfo, Level, Pixels, Reader, frames_of
from tilesource.formats.multi_canvas import Kind, compose
from tilesource.formats.multi_places import SourceFile
from tilesource.formats.multi_plan import Placed, Plan, files_of, plan_of
from tilesource.formats.multi_schema import NOWHERE, MultiDocument, document_of
from tilesource.formats.reader_pool import ReaderPool
from tilesource.geometry import Box
from tilesource.registry import formats, open_reader
from tilesource.rendering import Renderer

_HELD_OPEN = 32
_TILE = 256
_INSIDE = threading.local()  # whether a document is opening its sources


class MultiReader(Reader):
    """The image that a document describes; its files are opened as they are needed."""

    name = "multi"
    reads_other_files = True
    extensions = {
        None: SourcePriority.MANUAL,
        **dict.fromkeys(("json", "yaml", "yml"), SourcePriority.PREFERRED),
    }
    mime_types = {
        None: SourcePriority.MANUAL,
        **dict.fromkeys(
            ("application/json", "application/yaml", "text/yaml"), SourcePriority.PREFERRED
        ),
    }

    def __init__(self, path: Path, document: MultiDocument) -> None:
        self._pool: ReaderPool[tuple[Reader, Renderer]] = ReaderPool(
            _HELD_OPEN, lambda held: held[0].close()
        )
        allowed = [Path(name) for name in getConfig("other_folders").split(os.pathsep) if name]
        files = files_of(document, path.parent, allowed)
        if not files:
            raise UnreadableFile("no file matches its sources")
        self._infos: dict[tuple[object, ...], ImageInfo] = {}
        try:
            self._plan = plan_of(document, files, self._info_of)
            self._kind = self._kind_of(document, files)
            info = _describe(document, self._plan, self._kind, self._info_of(files[0]))
        except TileSourceError:
            self._pool.close()
            raise
        super().__init__(path, info)

    @classmethod
    def open(cls, path: Path) -> MultiReader:
        if getattr(_INSIDE, "document", False):
            raise UnreadableFile(f"{path.name}, a document of sources, may not be a source itself")
        try:
            document = document_of(path)
        except UnreadableFile as exc:
            raise UnreadableFile(f"{path.name} is no document of sources: {exc}") from exc
        try:
            return cls(path, document)
        except TileSourceError as exc:
            raise DamagedFile(f"{path.name} cannot be put together: {exc}") from exc

    def close(self) -> None:
        self._pool.close()

    def _read(self, level: int, frame: int, x: int, y: int, width: int, height: int) -> Pixels:
        window = Box(x=x, y=y, width=width, height=height)
        return compose(self._kind, self._plan.frames[frame], window, 1 << level, self._render)

    def _render(
        self, placed: Placed, box: Box, width: int, height: int, window: Box | None
    ) -> Pixels:
        """Return a box of a file's pixels at a size, or a window of that."""
        file = placed.file
        with self._pool.borrow(_key(file), lambda: _opened(file)) as (reader, renderer):
            whole = reader.info.levels[0]
            if placed.frame >= len(reader.info.frames) or not _within(box, whole):
                raise DamagedFile(f"{file.path.name} is not like the other sources")
            # A style gives what a screen shows; without one, the values are those of the file.
            return renderer.region(placed.frame, box, width, height, window, for_screen=True)

    def _info_of(self, file: SourceFile) -> ImageInfo:
        key = _key(file)
        if key not in self._infos:
            with self._pool.borrow(key, lambda: _opened(file)) as (reader, _):
                self._infos[key] = reader.info
        return self._infos[key]

    def _kind_of(self, document: MultiDocument, files: Sequence[SourceFile]) -> Kind:
        """Return the bands and the type that hold what all sources show, and the background."""
        looked = files[:1] if document.uniform else files
        kinds = {self._shown(file) for file in looked}
        bands = [count for count, _ in kinds]
        if 1 <= len(document.background) <= 4:
            bands.append(len(document.background))
        has_alpha = any(count in (2, 4) for count in bands)
        colours = max(count - (count in (2, 4)) for count in bands)
        largest = np.result_type(*(dtype for _, dtype in kinds))
        return Kind(
            bands=1 if document.single_band else colours + has_alpha,
            dtype=np.dtype(document.dtype or largest),
            background=document.background,
        )

    def _shown(self, file: SourceFile) -> tuple[int, np.dtype[np.generic]]:
        """Return the bands and the type of a file's pixels, in its style if it has one."""
        info = self._info_of(file)
        if file.entry.style is None:
            return info.bands, info.dtype
        with self._pool.borrow(_key(file), lambda: _opened(file)) as (_, renderer):
            pixel = renderer.region(0, Box(x=0, y=0, width=1, height=1), 1, 1, for_screen=True)
            needs_no_alpha = renderer.is_opaque and pixel.shape[2] in (2, 4)
        return pixel.shape[2] - needs_no_alpha, pixel.dtype


def _key(file: SourceFile) -> tuple[object, ...]:
    entry = file.entry
    as_it_is = entry.style is None and not entry.options
    return file.path, entry.source_name, None if as_it_is else entry


def _opened(file: SourceFile) -> tuple[Reader, Renderer]:
    with _no_document_within():
        reader = _reader_of(file)
    try:
        return reader, Renderer(reader, file.entry.style)
    except TileSourceError:
        reader.close()
        raise


def _reader_of(file: SourceFile) -> Reader:
    """Return the file opened by the format that its entry names, or by the best there is."""
    name = file.entry.source_name
    if name is None:
        return open_reader(file.path)
    if name not in formats():
        raise UnreadableFile(f"there is no format {name!r} to read {file.path.name}")
    if file.entry.path == NOWHERE:
        query = urlencode(file.entry.options)
        return formats()[name].open(Path(f"tilesource://{name}?{query}"))
    return formats()[name].open(file.path)


@contextmanager
def _no_document_within() -> Iterator[None]:
    """Let no document of sources be opened as a source, for documents could name each other."""
    before = getattr(_INSIDE, "document", False)
    _INSIDE.document = True
    try:
        yield
    finally:
        _INSIDE.document = before


def _within(box: Box, level: Level) -> bool:
    return box.x + box.width <= level.width and box.y + box.height <= level.height


def _describe(document: MultiDocument, plan: Plan, kind: Kind, first: ImageInfo) -> ImageInfo:
    scaled = document.mm_x or document.mm_y or document.magnification
    return ImageInfo(
        levels=_levels(plan, *_tile_size(document, first)),
        dtype=kind.dtype,
        bands=kind.bands,
        frames=frames_of(plan.axes) if plan.axes else ({},) * len(plan.frames),
        background=tuple(kind.colour) if kind.background else (),
        channels=tuple(plan.channels) if len(plan.frames) > 1 else (),
        magnification=document.magnification if scaled else first.magnification,
        mm_x=document.mm_x if scaled else first.mm_x,
        mm_y=document.mm_y if scaled else first.mm_y,
        internal={"multi": {"name": document.name, "description": document.description}},
    )


def _tile_size(document: MultiDocument, first: ImageInfo) -> tuple[int, int]:
    """Return the wanted size of a tile, or else that of the first file."""
    base = first.levels[0]
    width, height = (base.tile_width, base.tile_height) if base.tiled else (_TILE, _TILE)
    return document.tile_width or width, document.tile_height or height


def _levels(plan: Plan, tile_width: int, tile_height: int) -> list[Level]:
    """Return the full resolution and all its halves, for the files have smaller levels too."""
    halves = max(0, (max(plan.width, plan.height) - 1).bit_length() - _TILE.bit_length() + 1)
    return [
        Level(
            width=-(-plan.width >> step), height=-(-plan.height >> step),
            tile_width=tile_width, tile_height=tile_height,
        )
        for step in range(halves + 1)
    ]  # fmt: skip
