"""What a cache of encoded images is, whatever keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class CachedImage:
    """An encoded image and its MIME type."""

    data: bytes
    mime: str


class ImageCache(Protocol):
    """Images by key; each belongs to an owner, by whom all of them are forgotten at once."""

    def get(self, owner: str, key: str) -> CachedImage | None:
        """Return the image, or None if it is not there."""

    def put(self, owner: str, key: str, image: CachedImage) -> None:
        """Keep the image, as long as the budget allows."""

    def forget(self, owner: str) -> None:
        """Drop all images of an owner."""

    def used_bytes(self) -> int:
        """Return how much of the budget is spent."""

    @property
    def fetch_seconds(self) -> float:
        """Return how long it takes to get an image, about."""


class NoCache:
    """What stands in where nothing is to be kept."""

    fetch_seconds = float("inf")

    def get(self, owner: str, key: str) -> CachedImage | None:
        """Return nothing."""
        return None

    def put(self, owner: str, key: str, image: CachedImage) -> None:
        """Keep nothing."""

    def forget(self, owner: str) -> None:
        """Forget nothing."""

    def used_bytes(self) -> int:
        """Return 0."""
        return 0
