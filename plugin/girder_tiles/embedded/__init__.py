"""Girder and the services it needs, started together for a demonstration or a test."""

from girder_tiles.embedded.errors import StartError
from girder_tiles.embedded.stack import Stack

__all__ = ["Stack", "StartError"]
