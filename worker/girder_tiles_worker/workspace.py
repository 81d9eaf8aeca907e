"""The folder in which one task works."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def workspace(parent: Path, task_id: str) -> Iterator[Path]:
    """Give an empty folder that is gone afterwards.

    The name is the task's, so that the next attempt cleans up after one that was killed.
    """
    folder = parent / f"girder-tiles-{task_id}"
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
