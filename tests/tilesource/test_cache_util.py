"""The caches that the settings of a process ask for."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tilesource import cache_util
from tilesource.cache.images import NoCache
from tilesource.cache.memory import MemoryCache
from tilesource.config import setConfig
from tilesource.errors import TileCacheConfigurationError


@pytest.fixture(autouse=True)
def a_cache_of_its_own() -> Iterator[None]:
    """Make the cache anew for a test, and again for the next."""
    cache_util.tile_cache.cache_clear()
    yield
    setConfig("cache_backend", None)
    cache_util.tile_cache.cache_clear()


@pytest.mark.parametrize(("name", "kind"), [
    ("memory", MemoryCache), ("python", MemoryCache), ("none", NoCache),
])  # fmt: skip
def test_the_cache_is_the_one_that_is_set(name: str, kind: type) -> None:
    setConfig("cache_backend", name)
    assert isinstance(cache_util.getTileCache(), kind)


def test_memory_stands_in_for_memcached(caplog: pytest.LogCaptureFixture) -> None:
    setConfig("cache_backend", "memcached")
    with caplog.at_level(logging.WARNING):
        assert isinstance(cache_util.getTileCache(), MemoryCache)
    assert "memcached is not used" in caplog.text


def test_a_cache_that_does_not_exist_is_refused() -> None:
    setConfig("cache_backend", "tape")
    with pytest.raises(TileCacheConfigurationError, match="tape"):
        cache_util.getTileCache()
