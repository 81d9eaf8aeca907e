"""What the environment sets for one worker."""

from __future__ import annotations

import functools
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """Where a worker puts what it makes, and when the work of a lost one is taken over."""

    temporary: Path
    visibility_timeout: int = 120  # seconds

    def __post_init__(self) -> None:
        if self.visibility_timeout < 1:
            raise ValueError(
                f"GIRDER_TILES_VISIBILITY_TIMEOUT must be 1 or more, not {self.visibility_timeout}"
            )

    @property
    def check_interval(self) -> float:
        """Return how often, in seconds, workers look for the work of lost ones."""
        return min(10.0, self.visibility_timeout / 2)

    @property
    def renewal_interval(self) -> float:
        """Return how often, in seconds, a worker says that it is still at work."""
        return self.visibility_timeout / 4

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> WorkerSettings:
        """Return the settings that the variables name, and defaults for the rest."""
        return cls(
            temporary=Path(environment.get("GIRDER_TILES_TMP") or tempfile.gettempdir()),
            visibility_timeout=int(environment.get("GIRDER_TILES_VISIBILITY_TIMEOUT") or 120),
        )


@functools.cache
def worker_settings() -> WorkerSettings:
    """Return the settings of this process."""
    return WorkerSettings.from_environment(os.environ)
