"""The errors under the module name that existing clients import."""

from tilesource.errors import (
    DamagedFile,
    TileCacheConfigurationError,
    TileCacheError,
    TileGeneralError,
    TileGeneralException,
    TileOutside,
    TileSourceAssetstoreError,
    TileSourceAssetstoreException,
    TileSourceError,
    TileSourceException,
    TileSourceFileNotFoundError,
)

TileSourceMalformedError = DamagedFile
TileSourceRangeError = TileOutside
TileSourceXYZRangeError = TileOutside

__all__ = [
    "TileCacheConfigurationError",
    "TileCacheError",
    "TileGeneralError",
    "TileGeneralException",
    "TileSourceAssetstoreError",
    "TileSourceAssetstoreException",
    "TileSourceError",
    "TileSourceException",
    "TileSourceFileNotFoundError",
    "TileSourceMalformedError",
    "TileSourceRangeError",
    "TileSourceXYZRangeError",
]
