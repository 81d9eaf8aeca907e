"""The errors under the module name that existing clients import."""

from tilesource.errors import (
    TileGeneralError,
    TileGeneralException,
    TileSourceAssetstoreError,
    TileSourceAssetstoreException,
    TileSourceError,
    TileSourceException,
    TileSourceFileNotFoundError,
)

__all__ = [
    "TileGeneralError",
    "TileGeneralException",
    "TileSourceAssetstoreError",
    "TileSourceAssetstoreException",
    "TileSourceError",
    "TileSourceException",
    "TileSourceFileNotFoundError",
]
