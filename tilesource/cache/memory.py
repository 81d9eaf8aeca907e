"""Encoded images in the memory of this process, within a byte budget."""

from __future__ import annotations

import threading
from collections import OrderedDict

from tilesource.cache.images import CachedImage

_OVERHEAD = 400  # bytes that Python needs for a key and its entry, about


class MemoryCache:
    """The least recently used images go first."""

    fetch_seconds = 2e-6

    def __init__(self, budget_bytes: int) -> None:
        self._budget = budget_bytes
        self._used = 0
        self._lock = threading.Lock()
        self._images: OrderedDict[tuple[str, str], CachedImage] = OrderedDict()

    def get(self, owner: str, key: str) -> CachedImage | None:
        """Return the image, or None if it is not there."""
        with self._lock:
            image = self._images.get((owner, key))
            if image is not None:
                self._images.move_to_end((owner, key))
            return image

    def put(self, owner: str, key: str, image: CachedImage) -> None:
        """Keep the image, dropping others where the budget asks for it."""
        with self._lock:
            self._drop((owner, key))
            if _size(image) > self._budget:
                return
            self._images[owner, key] = image
            self._used += _size(image)
            while self._used > self._budget:
                self._drop(next(iter(self._images)))

    def forget(self, owner: str) -> None:
        """Drop all images of an owner."""
        with self._lock:
            for place in [place for place in self._images if place[0] == owner]:
                self._drop(place)

    def clear(self) -> None:
        """Drop all images."""
        with self._lock:
            self._images.clear()
            self._used = 0

    def used_bytes(self) -> int:
        """Return how much of the budget is spent."""
        return self._used

    def __len__(self) -> int:
        return len(self._images)

    def _drop(self, place: tuple[str, str]) -> None:
        image = self._images.pop(place, None)
        if image is not None:
            self._used -= _size(image)


def _size(image: CachedImage) -> int:
    return len(image.data) + _OVERHEAD
