"""Computed images in Redis, within a byte budget, beside whatever else that Redis holds.

Each image is a key of its own with a time to live. An index, ordered by last use, tells which to
drop when the budget is spent; so nothing but our own keys is ever dropped, and the Redis needs no
eviction policy. Scripts keep index and images in step, one round trip a call.
"""

from __future__ import annotations

import logging
import struct
import threading
import time
import zlib
from collections.abc import Callable
from typing import Any

import redis

from tilesource.cache.images import CachedImage

logger = logging.getLogger(__name__)

_PREFIX = "girder-tiles:1:"
_OWNERS = _PREFIX + "owner:"
_INDEX, _SIZES, _TOTAL = (_PREFIX + name for name in ("index", "sizes", "total"))
_HEADER = struct.Struct("<3sIB")  # magic, CRC-32 of the image, length of the MIME type
_MAGIC = b"GT1"
_OVERHEAD = 300  # bytes that Redis needs for a key and its places in the index, about
_MEAN_OF = 64  # fetches that count for the mean time of one
_USUAL_BYTES = 1 << 18  # of what counts: the time of a large one says nothing about a tile
_RETRY_AFTER = 5.0  # seconds to leave a Redis alone that did not answer

_SHARED = """
local index, sizes, total = KEYS[1], KEYS[2], KEYS[3]
local prefix, ttl = ARGV[1], tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local function drop(member)
  redis.call('DEL', prefix .. 'image:' .. member)
  redis.call('ZREM', index, member)
  redis.call('SREM', prefix .. 'owner:' .. string.match(member, '^[^:]*'), member)
  local size = redis.call('HGET', sizes, member)
  if size then
    redis.call('HDEL', sizes, member)
    redis.call('DECRBY', total, size)
  end
end
"""

_GET = _SHARED + """
local member = ARGV[3]
local key = prefix .. 'image:' .. member
local image = redis.call('GET', key)
if image then
  redis.call('PEXPIRE', key, ttl)
  redis.call('ZADD', index, 'XX', now, member)
end
return image
"""

_PUT = _SHARED + """
local member, image, size, budget = ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
for _, old in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', now - ttl, 'LIMIT', 0, 200)) do
  drop(old)
end
drop(member)
if size > budget then return 0 end
while tonumber(redis.call('GET', total) or '0') + size > budget do
  local oldest = redis.call('ZRANGE', index, 0, 0)[1]
  if not oldest then redis.call('DEL', total) break end
  drop(oldest)
end
local owner = prefix .. 'owner:' .. string.match(member, '^[^:]*')
redis.call('SET', prefix .. 'image:' .. member, image, 'PX', ttl)
redis.call('ZADD', index, now, member)
redis.call('HSET', sizes, member, size)
redis.call('INCRBY', total, size)
redis.call('SADD', owner, member)
for _, key in ipairs({index, sizes, total, owner}) do redis.call('PEXPIRE', key, ttl * 2) end
return 1
"""

_FORGET = _SHARED + """
local members = redis.call('SPOP', prefix .. 'owner:' .. ARGV[3], 1000)
for _, member in ipairs(members) do drop(member) end
return #members
"""


class RedisCache:
    """Encoded images of many owners; every call is harmless while Redis is away."""

    def __init__(self, url: str, *, budget_bytes: int, ttl_seconds: int) -> None:
        self._client = redis.Redis.from_url(
            url, socket_timeout=1.0, socket_connect_timeout=0.5, health_check_interval=30
        )
        self._budget = budget_bytes
        self._ttl = ttl_seconds * 1000
        self._get, self._put, self._forget = (
            self._client.register_script(script) for script in (_GET, _PUT, _FORGET)
        )
        self._lock = threading.Lock()
        self._away_until = 0.0
        self.fetch_seconds = 1e-3  # a first guess; then a moving mean of what it took

    def get(self, owner: str, key: str) -> CachedImage | None:
        """Return the image, or None if it is not there; its time to live starts anew."""
        start = time.perf_counter()
        packed = self._call(self._get, _member(owner, key))
        if not packed:
            return None
        if len(packed) <= _USUAL_BYTES:
            self.fetch_seconds += (time.perf_counter() - start - self.fetch_seconds) / _MEAN_OF
        return _unpack(packed)

    def put(self, owner: str, key: str, image: CachedImage) -> None:
        """Keep an image, dropping the least recently used ones where the budget asks for it."""
        packed = _pack(image)
        self._call(self._put, _member(owner, key), packed, len(packed) + _OVERHEAD, self._budget)

    def forget(self, owner: str) -> None:
        """Drop all images of an owner."""
        while self._call(self._forget, owner):
            continue

    def used_bytes(self) -> int:
        """Return how much of the budget is spent."""
        return int(self._ask(lambda: self._client.get(_TOTAL)) or 0)

    def _call(self, script: Any, *args: str | bytes | int) -> Any:
        keys = [_INDEX, _SIZES, _TOTAL]
        return self._ask(lambda: script(keys=keys, args=[_PREFIX, self._ttl, *args]))

    def _ask(self, question: Callable[[], Any]) -> Any:
        """Return Redis's answer, or None if there is none; then leave it alone for a while."""
        if time.monotonic() < self._away_until:
            return None
        try:
            return question()
        except redis.RedisError as exc:
            with self._lock:
                self._away_until = time.monotonic() + _RETRY_AFTER
            logger.warning("The image cache is not used for %s s: %s", _RETRY_AFTER, exc)
            return None


def _member(owner: str, key: str) -> str:
    return f"{owner}:{key}"


def _pack(image: CachedImage) -> bytes:
    mime = image.mime.encode()
    return _HEADER.pack(_MAGIC, zlib.crc32(image.data), len(mime)) + mime + image.data


def _unpack(packed: bytes) -> CachedImage | None:
    """Return the image, or None if what Redis holds is not what was put there."""
    if len(packed) < _HEADER.size:
        return None
    magic, checksum, length = _HEADER.unpack_from(packed)
    start = _HEADER.size + length
    data = packed[start:]
    if magic != _MAGIC or zlib.crc32(data) != checksum:
        return None
    return CachedImage(data, packed[_HEADER.size : start].decode("ascii", "replace"))
