"""What the environment sets for one process, read once."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Caches and limits of one process."""

    redis_url: str | None = None  # None: nothing is cached
    cache_bytes: int = 256 * 1024**2
    cache_ttl: int = 7 * 86400  # seconds
    open_files: int = 32
    max_region_pixels: int = 100_000_000

    def __post_init__(self) -> None:
        for name in ("cache_bytes", "cache_ttl", "open_files", "max_region_pixels"):
            value = getattr(self, name)
            if value < 1:
                raise ValueError(f"{variable_of(name)} must be 1 or more, not {value}")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Return the settings that the variables name, and defaults for the rest."""
        return cls(
            redis_url=environment.get(variable_of("redis_url")) or None,
            cache_bytes=_whole(environment, "cache_bytes", cls().cache_bytes),
            cache_ttl=_whole(environment, "cache_ttl", cls().cache_ttl),
            open_files=_whole(environment, "open_files", cls().open_files),
            max_region_pixels=_whole(environment, "max_region_pixels", cls().max_region_pixels),
        )


def variable_of(name: str) -> str:
    """Return the environment variable of a setting."""
    return f"GIRDER_TILES_{name.upper()}"


def _whole(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(variable_of(name), "")
    try:
        return int(text) if text else default
    except ValueError as exc:
        raise ValueError(f"{variable_of(name)} must be a whole number, not {text!r}") from exc


@functools.cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings.from_environment(os.environ)
