"""Images are computed once, and kept where that is worth it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tilesource.cache.computed import ComputedImages
from tilesource.cache.images import CachedImage
from tilesource.cache.memory import MemoryCache


def image(size: int = 1000) -> CachedImage:
    return CachedImage(bytes(size), "image/png")


def test_many_threads_that_want_an_image_compute_it_once() -> None:
    images, calls = ComputedImages(MemoryCache(10_000)), []
    started, go = threading.Event(), threading.Event()

    def compute() -> CachedImage:
        calls.append(1)
        started.set()
        assert go.wait(20)
        return image()

    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(images.get, "file", "key", compute)
        assert started.wait(20)
        others = [pool.submit(images.get, "file", "key", compute) for _ in range(7)]
        other_key = pool.submit(images.get, "file", "other", image)
        assert other_key.result(20) == image()  # nobody waits for what he does not want
        go.set()
        assert {each.result(20) for each in (first, *others)} == {image()}
    assert len(calls) == 1


def test_a_failure_is_raised_and_not_kept() -> None:
    images = ComputedImages(MemoryCache(10_000))
    with pytest.raises(ZeroDivisionError):
        images.get("file", "key", lambda: 1 / 0)
    assert images.get("file", "key", image) == image()


@pytest.mark.parametrize(("fetch_seconds", "is_kept"), [(0.0, True), (60.0, False)])
def test_what_is_quicker_to_compute_than_to_fetch_is_not_kept(
    fetch_seconds: float, is_kept: bool
) -> None:
    cache = MemoryCache(10_000)
    cache.fetch_seconds = fetch_seconds
    ComputedImages(cache).get("file", "key", image)
    assert (cache.get("file", "key") is not None) is is_kept


@pytest.mark.parametrize(("size", "is_kept"), [(8 << 20, True), ((8 << 20) + 1, False)])
def test_what_would_displace_many_tiles_is_not_kept(size: int, is_kept: bool) -> None:
    cache = MemoryCache(1 << 30)
    ComputedImages(cache).get("file", "key", lambda: image(size))
    assert (cache.get("file", "key") is not None) is is_kept


def test_memory_keeps_to_its_budget() -> None:
    cache = MemoryCache(10_000)
    for number in range(100):
        cache.put("file", str(number), image())
        assert cache.get("file", "0") is not None
        assert cache.used_bytes() <= 10_000
    assert len(cache) == 7
    cache.put("file", "large", image(20_000))
    assert cache.get("file", "large") is None
    assert len(cache) == 7


def test_an_owner_is_forgotten() -> None:
    cache = MemoryCache(10_000)
    for owner in ("one", "two"):
        cache.put(owner, "key", image())
    cache.forget("one")
    assert (cache.get("one", "key"), cache.get("two", "key")) == (None, image())
    cache.clear()
    assert (len(cache), cache.used_bytes()) == (0, 0)
