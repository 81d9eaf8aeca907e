"""From a file document of Girder to a path that can be opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from girder.constants import AssetstoreType
from girder.exceptions import FilePathException
from girder.models.file import File

from girder_tiles.errors import NotLocal
from tilesource.config import setConfig
from tilesource.errors import TileSourceError, TileSourceFileNotFoundError

Document = dict[str, Any]

# Beside a file in an assetstore are those of other people, which no image may name to be read.
setConfig("allow_other_files", False)


@contextmanager
def local_path(file: Document) -> Iterator[Path]:
    """Give where the file's bytes are; what reading them fails of calls the file by its name."""
    path = _local_path(file)
    try:
        yield path
    except TileSourceError as exc:  # in an assetstore, the path is a hash
        exc.args = (str(exc).replace(path.name, file["name"]),)
        raise


def _local_path(file: Document) -> Path:
    """Return where the file's bytes are, or raise why they cannot be read from there."""
    if not file.get("assetstoreId"):  # a link: Girder itself fails on it with an AttributeError
        raise NotLocal(f"{file['name']} is a link, not a stored file; upload it to view it.")
    try:
        path = File().getLocalFilePath(file)
    except FilePathException as exc:
        if File().getAssetstoreAdapter(file).assetstore["type"] == AssetstoreType.FILESYSTEM:
            raise TileSourceFileNotFoundError(f"{file['name']} is missing.") from exc
        raise NotLocal(
            f"{file['name']} is in an assetstore that has no local files; "
            "keep images in a filesystem assetstore, or run `girder mount`."
        ) from exc
    if not path:
        raise NotLocal(f"{file['name']} is in an assetstore that has no local files.")
    return Path(path)


def version_of(file: Document) -> str:
    """Return what differs when the file's content does."""
    if file.get("sha512"):
        return str(file["sha512"])
    return f"{file.get('size')}:{file.get('mtime') or file.get('created')}"
