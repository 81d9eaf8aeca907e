"""Celery tasks of girder-tiles; they reach Girder over REST only."""

from girder_tiles_worker.plugin import TilesWorkerPlugin

__all__ = ["TilesWorkerPlugin"]
