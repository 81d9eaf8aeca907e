"""The known formats, and the choice of the one that reads a file best."""

from __future__ import annotations

import functools
import importlib.metadata
import mimetypes
from pathlib import Path

from tilesource.constants import SourcePriority
from tilesource.errors import TileSourceError, TileSourceFileNotFoundError, UnreadableFile
from tilesource.formats.base import Reader

ENTRY_POINTS = "tilesource.format"


@functools.cache
def formats() -> dict[str, type[Reader]]:
    """Return the installed formats by name; one whose extra is missing is in missing_formats."""
    return {name: found for name, found in _load().items() if not isinstance(found, ImportError)}


@functools.cache
def missing_formats() -> dict[str, ImportError]:
    """Return why a format cannot be used, by name."""
    return {name: found for name, found in _load().items() if isinstance(found, ImportError)}


@functools.cache
def _load() -> dict[str, type[Reader] | ImportError]:
    found: dict[str, type[Reader] | ImportError] = {}
    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
        try:
            found[entry.name] = entry.load()
        except ImportError as exc:
            found[entry.name] = exc
    return found


def open_reader(path: Path) -> Reader:
    """Return the file opened by the best format that can, or raise with what each one said."""
    if not path.is_file():
        raise TileSourceFileNotFoundError(f"there is no file {path.name}")
    reasons = []
    for form in candidates(path):
        try:
            return form.open(path)
        except UnreadableFile as exc:
            reasons.append(str(exc))
    raise TileSourceError("; ".join(reasons) or f"no format is installed to read {path.name}")


def candidates(path: Path) -> list[type[Reader]]:
    """Return the formats, best first, for a file of that name."""
    mime = mimetypes.guess_type(path.name)[0]
    usable = [form for form in formats().values() if _priority(form, path, mime) < _MANUAL]
    return sorted(usable, key=lambda form: _priority(form, path, mime))


_MANUAL = SourcePriority.MANUAL


def _priority(form: type[Reader], path: Path, mime: str | None) -> int:
    extension = path.suffix.lower().lstrip(".")
    by_name = form.extensions.get(extension, form.extensions[None])
    return min(by_name, form.mime_types.get(mime, form.mime_types[None]))
