"""Get the file that is to be converted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from girder_client import GirderClient

from girder_tiles_worker.errors import ConversionFailed

LONGEST_NAME = 200  # bytes; file systems take 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The file that somebody uploaded, and where the server has it."""

    file_id: str
    name: str
    size: int
    path: str | None

    @property
    def result_name(self) -> str:
        """Return the name of what it is converted to, which is another one."""
        stem = Path(self.name).stem
        name = f"{stem}.tiff"
        return name if name != self.name else f"{stem}.pyramid.tiff"

    @property
    def safe_name(self) -> str:
        """Return the name as one that any file system takes, and that leaves no folder."""
        name = re.sub(r"[^\w. -]", "_", self.name).lstrip(".").encode()
        return name[-LONGEST_NAME:].decode(errors="ignore") or "file"


def fetch(original: Original, girder: GirderClient, folder: Path) -> Path:
    """Return a path to the file in the folder: a link if it is seen from here, else a download.

    Either has the file's name, for an assetstore's names mean nothing to those who read an error.
    """
    (folder / "original").mkdir()
    path = folder / "original" / original.safe_name
    if original.path and _is_here(Path(original.path), original.size):
        print(f"Reading {original.name} directly from the assetstore.")
        path.symlink_to(original.path)
        return path
    print(f"Downloading {original.name}, {original.size} bytes.")
    with path.open("wb") as stream:
        for chunk in girder.downloadFileAsIterator(original.file_id):
            stream.write(chunk)
    if path.stat().st_size != original.size:
        raise ConversionFailed(f"The download of {original.name} is not complete.")
    return path


def _is_here(path: Path, size: int) -> bool:
    try:
        with path.open("rb"):
            return path.stat().st_size == size
    except OSError:  # another host, or a user who may not read the assetstore
        return False
