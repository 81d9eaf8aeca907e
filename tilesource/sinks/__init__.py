"""New images, made of tiles."""

from __future__ import annotations

from tilesource.encoding import Encoding
from tilesource.options import Options
from tilesource.sinks.sink import TileSink

__all__ = ["TileSink", "new"]


def new(
    encoding: str = "JPEG",
    jpegQuality: int = 95,
    jpegSubsampling: int = 0,
    tiffCompression: str = "raw",
    edge: bool | str = False,
    kind: str = "auto",
) -> TileSink:
    """Return an empty image to which tiles are added; `kind` is described at TileSink."""
    how = Encoding(
        name=encoding, quality=jpegQuality, subsampling=jpegSubsampling,
        tiff_compression=tiffCompression,
    )  # fmt: skip
    return TileSink(Options(encoding=how, edge=edge), kind)
