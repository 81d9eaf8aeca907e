"""Computed images: taken from a cache, or computed once however many ask for them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

from tilesource.cache.images import CachedImage, ImageCache

_LARGEST = 8 << 20  # bytes of an image that is kept: a larger one would displace many tiles


class ComputedImages:
    """Fills a cache; keeps only what takes longer to compute than to fetch, and is not huge."""

    def __init__(self, cache: ImageCache) -> None:
        self.cache = cache
        self._lock = threading.Lock()
        self._running: dict[tuple[str, str], Future[CachedImage]] = {}

    def get(self, owner: str, key: str, compute: Callable[[], CachedImage]) -> CachedImage:
        """Return the image of the key; of many threads that want it at once, one gets it."""
        with self._lock:
            running = self._running.get((owner, key))
            if is_ours := running is None:
                running = self._running[owner, key] = Future()
        if is_ours:
            self._run(running, owner, key, compute)
        return running.result()

    def _run(
        self,
        running: Future[CachedImage],
        owner: str,
        key: str,
        compute: Callable[[], CachedImage],
    ) -> None:
        try:
            running.set_result(self.cache.get(owner, key) or self._computed(owner, key, compute))
        except BaseException as exc:  # noqa: BLE001 - raised in all threads that wait for it
            running.set_exception(exc)
        finally:
            with self._lock:
                del self._running[owner, key]

    def _computed(self, owner: str, key: str, compute: Callable[[], CachedImage]) -> CachedImage:
        start = time.perf_counter()
        image = compute()
        took = time.perf_counter() - start
        if took > self.cache.fetch_seconds and len(image.data) <= _LARGEST:
            self.cache.put(owner, key, image)
        return image
