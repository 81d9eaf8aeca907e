"""Images that libvips has decoded whole, kept for the next read within a budget of bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any


class DecodedPages:
    """Pages of all open files; the least recently used go first, the last one always stays."""

    def __init__(self, budget_bytes: int) -> None:
        self._budget = budget_bytes
        self._used = 0
        self._lock = threading.Lock()
        self._pages: OrderedDict[tuple[object, int], tuple[Any, int]] = OrderedDict()

    def get(self, owner: object, page: int, load: Callable[[int], Any]) -> Any:
        """Return a page of an owner, loaded if need be; whoever has a dropped one may go on."""
        key = owner, page
        with self._lock:
            if key not in self._pages:
                image = load(page)  # the header only: pixels are decoded when they are read
                self._pages[key] = image, _size(image)
                self._used += _size(image)
            self._pages.move_to_end(key)
            while self._used > self._budget and len(self._pages) > 1:
                self._drop(next(iter(self._pages)))
            return self._pages[key][0]

    def forget(self, owner: object) -> None:
        """Drop the pages of an owner."""
        with self._lock:
            for key in [key for key in self._pages if key[0] is owner]:
                self._drop(key)

    def __len__(self) -> int:
        return len(self._pages)

    def _drop(self, key: tuple[object, int]) -> None:
        self._used -= self._pages.pop(key)[1]


def _size(image: Any) -> int:
    sample = {"uchar": 1, "char": 1, "ushort": 2, "short": 2, "double": 8}.get(image.format, 4)
    return int(image.width * image.height * image.bands * sample)
