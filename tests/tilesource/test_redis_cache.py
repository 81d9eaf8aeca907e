"""The cache of computed images, in a real Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import redis

from tilesource.cache.redis import CachedImage, RedisCache

BUDGET = 100_000


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as opened:
        opened.flushdb()
        yield opened


@pytest.fixture
def cache(redis_url: str, client: redis.Redis) -> RedisCache:
    return RedisCache(redis_url, budget_bytes=BUDGET, ttl_seconds=60)


def image(size: int = 1000, mime: str = "image/png") -> CachedImage:
    return CachedImage(bytes(index % 251 for index in range(size)), mime)


def test_what_is_put_is_got(cache: RedisCache) -> None:
    cache.put("file", "key", image())
    assert cache.get("file", "key") == image()
    assert cache.get("file", "other") is None
    assert cache.get("other", "key") is None


def test_the_least_recently_used_go_when_the_budget_is_spent(cache: RedisCache) -> None:
    for number in range(200):
        cache.put("file", str(number), image())
        assert cache.get("file", "0") is not None
        assert cache.used_bytes() <= BUDGET
    assert cache.get("file", "1") is None
    assert cache.get("file", "199") is not None


def test_an_image_above_the_budget_is_not_kept(cache: RedisCache) -> None:
    cache.put("file", "small", image())
    cache.put("file", "large", image(BUDGET))
    assert cache.get("file", "large") is None
    assert cache.get("file", "small") is not None


def test_large_images_do_not_count_for_the_time_that_a_tile_takes(redis_url: str) -> None:
    cache = RedisCache(redis_url, budget_bytes=1 << 24, ttl_seconds=60)
    cache.put("file", "large", image(1 << 20))
    cache.put("file", "tile", image())
    before = cache.fetch_seconds
    assert cache.get("file", "large") is not None
    assert cache.fetch_seconds == before
    assert cache.get("file", "tile") is not None
    assert cache.fetch_seconds != before


def test_every_key_has_a_time_to_live_and_our_name(cache: RedisCache, client: redis.Redis) -> None:
    cache.put("file", "key", image())
    keys = list(client.scan_iter())
    assert len(keys) == 5
    assert all(key.startswith(b"girder-tiles:") and 0 < client.ttl(key) <= 120 for key in keys)


def test_foreign_keys_stay(cache: RedisCache, client: redis.Redis) -> None:
    client.set("celery-task-meta-1", "result")
    client.rpush("celery", "message")
    for number in range(300):
        cache.put("file", str(number), image())
    cache.forget("file")
    foreign = {key for key in client.scan_iter() if not key.startswith(b"girder-tiles:")}
    assert foreign == {b"celery", b"celery-task-meta-1"}


def test_forgetting_an_owner_leaves_the_others(cache: RedisCache) -> None:
    for owner in ("one", "two"):
        cache.put(owner, "key", image())
    cache.forget("one")
    assert cache.get("one", "key") is None
    assert cache.get("two", "key") == image()
    cache.forget("two")
    assert cache.used_bytes() == 0


def test_space_of_expired_images_is_used_again(redis_url: str, client: redis.Redis) -> None:
    brief = RedisCache(redis_url, budget_bytes=BUDGET, ttl_seconds=1)
    for number in range(50):
        brief.put("old", str(number), image())
    index = "girder-tiles:1:index"
    for member in client.zrange(index, 0, -1):  # as if two seconds had passed
        client.zincrby(index, -2000, member)
        client.delete(b"girder-tiles:1:image:" + member)
    brief.put("new", "key", image())
    assert client.zcard(index) == 1
    assert brief.used_bytes() < 2000


@pytest.mark.parametrize(
    "spoil",
    [lambda packed: packed[:-1], lambda packed: b"", lambda packed: b"\x80\x04K\x01.",
     lambda packed: packed[:-1] + b"\0"],
)  # fmt: skip
def test_what_was_changed_in_redis_is_not_served(
    cache: RedisCache, client: redis.Redis, spoil: Callable[[bytes], bytes]
) -> None:
    cache.put("file", "key", image())
    name = "girder-tiles:1:image:file:key"
    client.set(name, spoil(client.get(name)))
    assert cache.get("file", "key") is None


def test_without_redis_nothing_is_kept_and_nothing_fails() -> None:
    cache = RedisCache("redis://127.0.0.1:1/0", budget_bytes=BUDGET, ttl_seconds=60)
    cache.put("file", "key", image())
    assert cache.get("file", "key") is None
    cache.forget("file")
