"""tilesource: gigapixel images in tiles, regions and thumbnails.

    import tilesource

    source = tilesource.open("sample.tiff")
    data, mime = source.getRegion(region={"left": 100, "top": 50, "width": 640, "height": 480})
"""

from tilesource import constants, errors, exceptions
from tilesource.opening import canRead, getTileSource, open
from tilesource.source import FileTileSource, TileSource

__all__ = [
    "FileTileSource",
    "TileSource",
    "canRead",
    "constants",
    "errors",
    "exceptions",
    "getTileSource",
    "open",
]
