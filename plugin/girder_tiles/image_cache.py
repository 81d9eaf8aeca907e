"""The cache of computed images, shared by all processes through Redis."""

from __future__ import annotations

import functools

from girder_tiles.settings import settings
from tilesource.cache.computed import ComputedImages
from tilesource.cache.images import ImageCache, NoCache
from tilesource.cache.redis import RedisCache


def image_cache() -> ImageCache:
    """Return what keeps the computed images."""
    return computed_images().cache


@functools.cache
def computed_images() -> ComputedImages:
    """Return the computed images of this process; each is computed once at a time."""
    return ComputedImages(_backend())


def _backend() -> ImageCache:
    wanted = settings()
    if wanted.redis_url is None:
        return NoCache()
    return RedisCache(
        wanted.redis_url, budget_bytes=wanted.cache_bytes, ttl_seconds=wanted.cache_ttl
    )
