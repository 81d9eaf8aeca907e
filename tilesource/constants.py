"""Names of the documented API that carry a value."""

import enum

TILE_FORMAT_IMAGE = "image"
TILE_FORMAT_PIL = "PIL"
TILE_FORMAT_NUMPY = "numpy"


class SourcePriority(enum.IntEnum):
    """How well a format suits a file: the lowest value that can read it wins."""

    NAMED = 0
    PREFERRED = 1
    HIGHER = 2
    HIGH = 3
    MEDIUM = 4
    LOW = 5
    LOWER = 6
    IMPLICIT_HIGH = 7
    IMPLICIT = 8
    FALLBACK_HIGH = 9
    FALLBACK = 10
    MANUAL = 11


TileOutputMimeTypes = {
    "JPEG": "image/jpeg",
    "JFIF": "image/jpeg",
    "PNG": "image/png",
    "TIFF": "image/tiff",
    "TILED": "image/tiff",
    "WEBP": "image/webp",
}
