"""The functions that turn a path into a tile source."""

from __future__ import annotations

import os
from pathlib import Path

from tilesource.encoding import Encoding
from tilesource.errors import TileSourceError
from tilesource.registry import open_reader
from tilesource.source import FileTileSource, Options


def open(
    path: str | os.PathLike[str],
    encoding: str = "JPEG",
    jpegQuality: int = 95,
    jpegSubsampling: int = 0,
    tiffCompression: str = "raw",
    edge: bool | str = False,
) -> FileTileSource:
    """Return the file as a tile source; raise TileSourceError if nothing can read it."""
    how = Encoding(
        name=encoding, quality=jpegQuality, subsampling=jpegSubsampling,
        tiff_compression=tiffCompression,
    )  # fmt: skip
    return FileTileSource(open_reader(Path(path)), Options(encoding=how, edge=edge))


getTileSource = open


def canRead(path: str | os.PathLike[str]) -> bool:
    """Tell whether any format reads the file."""
    try:
        open_reader(Path(path)).close()
    except TileSourceError:
        return False
    return True
