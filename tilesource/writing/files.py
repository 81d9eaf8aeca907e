"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from tilesource.errors import TileSourceError


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield a path beside the target to write to; it takes the target's place if all goes well.

    What the system refuses, such as a full disk, is raised as a TileSourceError.
    """
    # The suffix stays the last part of the name: writers go by it.
    partial = target.with_name(f".{target.stem}.part{target.suffix}")
    try:
        yield partial
        if target.is_dir():
            raise TileSourceError(f"{target.name} cannot be written: it is a folder")
        partial.replace(target)
    except TileSourceError:
        raise
    except OSError as exc:
        raise TileSourceError(f"{target.name} cannot be written: {exc.strerror or exc}") from exc
    finally:
        remove(partial)


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
