"""tilesource: gigapixel images in tiles, regions and thumbnails.

    import tilesource

    source = tilesource.open("sample.tiff")
    data, mime = source.getRegion(region={"left": 100, "top": 50, "width": 640, "height": 480})
"""

from tilesource import cache_util, config, constants, errors, exceptions, utilities
from tilesource.etree import dictToEtree, etreeToDict
from tilesource.file_source import FileTileSource
from tilesource.geometry import nearPowerOfTwo
from tilesource.listing import (
    canReadList,
    getSourceNameFromDict,
    listExtensions,
    listMimeTypes,
    listSources,
)
from tilesource.opening import canRead, getTileSource, open
from tilesource.sinks import new
from tilesource.source import TileSource

__all__ = [
    "FileTileSource",
    "TileSource",
    "cache_util",
    "canRead",
    "canReadList",
    "config",
    "constants",
    "dictToEtree",
    "errors",
    "etreeToDict",
    "exceptions",
    "getSourceNameFromDict",
    "getTileSource",
    "listExtensions",
    "listMimeTypes",
    "listSources",
    "nearPowerOfTwo",
    "new",
    "open",
    "utilities",
]
