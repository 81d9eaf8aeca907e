"""The Girder plugin: recognises images, converts what needs it, serves tiles."""

from girder_tiles.plugin import TilesPlugin

__all__ = ["TilesPlugin"]
