"""The demonstration: start everything, upload an image, convert it, check its tiles, show it."""

from girder_tiles.demo.errors import DemoError
from girder_tiles.demo.run import DemoOptions, run

__all__ = ["DemoError", "DemoOptions", "run"]
