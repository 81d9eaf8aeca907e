"""The folder in which one task works."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def workspace(parent: Path, task_id: str) -> Iterator[Path]:
    """Give an empty folder that is gone afterwards."""
    folder = _folder(parent, task_id)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def clean_up(parent: Path, task_id: str) -> None:
    """Remove what an attempt left that was killed, on this host."""
    folder = _folder(parent, task_id)
    if folder.exists():
        shutil.rmtree(folder)


def _folder(parent: Path, task_id: str) -> Path:
    return parent / f"girder-tiles-{task_id}"  # the same in each attempt
