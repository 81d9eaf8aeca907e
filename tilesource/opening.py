"""The functions that turn a path into a tile source."""

from __future__ import annotations

import copyreg
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tilesource.cache_util import open_files, tile_cache
from tilesource.config import getConfig
from tilesource.encoding import Encoding
from tilesource.errors import InvalidRequest
from tilesource.file_source import FileTileSource
from tilesource.options import Options
from tilesource.registry import can_read, open_reader


def open(
    path: str | os.PathLike[str],
    encoding: str | None = None,
    jpegQuality: int = 95,
    jpegSubsampling: int = 0,
    tiffCompression: str = "raw",
    edge: bool | str | None = False,
    style: str | Mapping[str, Any] | None = None,
    projection: str | None = None,
    noCache: bool = False,
    source: str | None = None,
    **options: Any,
) -> FileTileSource:
    """Return the file as a tile source; raise TileSourceError if nothing can read it.

    `path` may be `large_image://NAME` for a source that reads no file, whose own `options` may
    follow. `source` names the format to use. With `noCache` the file is opened anew, and no tile is
    kept. `projection` is for geospatial images.
    """
    how = Encoding(
        name=encoding or getConfig("default_encoding"), quality=jpegQuality,
        subsampling=jpegSubsampling, tiff_compression=tiffCompression,
    )  # fmt: skip
    shown = Options(encoding=how, edge=edge or False, style=style)
    place = Path(_with_options(os.fspath(path), options))
    if noCache or not getConfig("cache_sources"):
        return FileTileSource(open_reader(place, source), shown)
    return open_files().lend(place, shown, source, tile_cache())


getTileSource = open


def _reopened(path: str, arguments: Mapping[str, Any]) -> FileTileSource:
    return open(path, **arguments)


def _pickled(source: FileTileSource) -> tuple[Any, ...]:
    """Return how to open a source again, in the process where it is unpickled."""
    return _reopened, (str(source.path), source.opened_with())


copyreg.pickle(FileTileSource, _pickled)


def canRead(path: str | os.PathLike[str], *args: Any, **kwargs: Any) -> bool:
    """Tell whether any format reads the file."""
    return can_read(path)


def _with_options(path: str, options: Mapping[str, Any]) -> str:
    """Return a path with a source's own options as its query; files have none."""
    if not options:
        return path
    if "://" not in path:
        raise InvalidRequest(f"a file is not opened with {', '.join(options)}")
    return f"{path}{'&' if '?' in path else '?'}{urlencode(options)}"
