"""The caches of this process: built as the settings say, looked at, emptied."""

from __future__ import annotations

import atexit
import functools
from urllib.parse import quote

from tilesource.cache.computed import ComputedImages
from tilesource.cache.images import ImageCache, NoCache
from tilesource.cache.memory import MemoryCache
from tilesource.cache.open_sources import OpenSources
from tilesource.cache.redis import RedisCache
from tilesource.config import getConfig
from tilesource.errors import TileCacheConfigurationError
from tilesource.formats.decoded import DECODED


@functools.cache
def open_files() -> OpenSources:
    """Return the open files that sources share; they are closed when the program ends."""
    files = OpenSources(getConfig("cache_tilesource_maximum"))
    atexit.register(files.close)
    return files


@functools.cache
def tile_cache() -> ComputedImages:
    """Return the cache of computed tiles."""
    return ComputedImages(_backend(getConfig("cache_backend")))


def getTileCache() -> ImageCache:
    """Return what keeps computed tiles."""
    return tile_cache().cache


def isTileCacheSetup() -> bool:
    """Tell whether the cache of tiles is in use already."""
    return bool(tile_cache.cache_info().currsize)


def cachesInfo() -> dict[str, dict[str, int]]:
    """Return how many files are open, and how many bytes of decoded images and of tiles are kept.

    `maxsize` is how many of each there may be.
    """
    cache = getTileCache()
    items = {"items": len(cache)} if isinstance(cache, MemoryCache) else {}
    budget = getConfig("cache_tile_bytes")
    decoded = {"maxsize": getConfig("cache_decoded_bytes"), "used": DECODED.used_bytes}
    return {
        "decoded": decoded | {"items": len(DECODED)},
        "tilesource": {"maxsize": open_files().maximum, "used": len(open_files())},
        "tileCache": {"maxsize": budget, "used": cache.used_bytes(), **items},
    }


def cachesClear() -> None:
    """Forget all tiles that this process keeps, and close the files that are not in use."""
    cachesClearExceptTile()
    if isinstance(cache := getTileCache(), MemoryCache):
        cache.clear()
    tile_cache.cache_clear()


def cachesClearExceptTile() -> None:
    """Close the files that are not in use."""
    open_files().close()


def _backend(name: str | None) -> ImageCache:
    if name in ("none", "None", ""):
        return NoCache()
    if name in (None, "memory", "python"):
        return MemoryCache(getConfig("cache_tile_bytes"))
    if name == "redis":
        return RedisCache(
            _redis_url(),
            budget_bytes=getConfig("cache_tile_bytes"),
            ttl_seconds=getConfig("cache_tile_seconds"),
        )
    if name == "memcached":
        getConfig("logger").warning("Tiles are kept in memory or in Redis; memcached is not used.")
        return MemoryCache(getConfig("cache_tile_bytes"))
    raise TileCacheConfigurationError(f"cache_backend is memory, redis or none, not {name!r}")


def _redis_url() -> str:
    address = str(getConfig("cache_redis_url"))
    if "://" in address:
        return address
    user, password = getConfig("cache_redis_username"), getConfig("cache_redis_password")
    secret = f":{quote(password, safe='')}@" if password else ""
    return f"redis://{quote(user or '', safe='') if secret else ''}{secret}{address}"
