"""The cache of computed images, shared by all processes through Redis."""

from __future__ import annotations

import functools
from typing import Protocol

from girder_tiles.settings import settings
from tilesource.cache.redis import CachedImage, RedisCache


class ImageCache(Protocol):
    """Images by key; each belongs to an owner, by which all of them are forgotten at once."""

    def get(self, owner: str, key: str) -> CachedImage | None: ...
    def put(self, owner: str, key: str, image: CachedImage) -> None: ...
    def forget(self, owner: str) -> None: ...


class NoCache:
    """What stands in for the cache where no Redis is set: it never has anything."""

    def get(self, owner: str, key: str) -> CachedImage | None:
        """Return nothing."""
        return None

    def put(self, owner: str, key: str, image: CachedImage) -> None:
        """Keep nothing."""

    def forget(self, owner: str) -> None:
        """Forget nothing."""


@functools.cache
def image_cache() -> ImageCache:
    """Return the cache of this process."""
    wanted = settings()
    if wanted.redis_url is None:
        return NoCache()
    return RedisCache(
        wanted.redis_url, budget_bytes=wanted.cache_bytes, ttl_seconds=wanted.cache_ttl
    )
