"""The known formats, and the choice of the one that reads a file best."""

from __future__ import annotations

import functools
import importlib.metadata
import mimetypes
import os
import re
from pathlib import Path

from tilesource.config import getConfig
from tilesource.constants import SourcePriority
from tilesource.errors import TileSourceError, TileSourceFileNotFoundError, UnreadableFile
from tilesource.formats.base import Reader

ENTRY_POINTS = "tilesource.format"
# A source that reads no file, as `large_image://test`; a Path makes one slash of the two.
_NAMED = re.compile(r"(?:large_image|tilesource)://?(\w+)(?:\?.*)?")


@functools.cache
def formats() -> dict[str, type[Reader]]:
    """Return the installed formats by name; one whose extra is missing is in missing_formats."""
    return {name: found for name, found in _load().items() if not isinstance(found, ImportError)}


@functools.cache
def missing_formats() -> dict[str, ImportError]:
    """Return why a format cannot be used, by name."""
    return {name: found for name, found in _load().items() if isinstance(found, ImportError)}


def format_named(name: str) -> type[Reader]:
    """Return the format of a name, or raise with why there is none."""
    if name in missing_formats():
        raise TileSourceError(f"the format {name} is not installed: {missing_formats()[name]}")
    if name not in formats():
        raise TileSourceError(f"there is no format {name!r}; there are {', '.join(formats())}")
    if formats()[name].reads_other_files and not getConfig("allow_other_files"):
        raise TileSourceError(f"the format {name} reads other files, which is not allowed here")
    return formats()[name]


@functools.cache
def _load() -> dict[str, type[Reader] | ImportError]:
    found: dict[str, type[Reader] | ImportError] = {}
    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
        try:
            found[entry.name] = entry.load()
        except ImportError as exc:
            found[entry.name] = exc
    return found


def open_reader(path: Path, source: str | None = None) -> Reader:
    """Return the file opened by a named format, or by the best that can.

    Raise with what each of them said if none can.
    """
    if named := _NAMED.fullmatch(str(path)):
        return format_named(named[1]).open(path)
    if not path.exists():
        raise TileSourceFileNotFoundError(f"there is no file {path.name}")
    if source is not None:
        return format_named(source).open(path)
    reasons = []
    for form in candidates(path):
        try:
            return form.open(path)
        except UnreadableFile as exc:
            reasons.append(re.sub(f"^{re.escape(path.name)} ", "it ", str(exc)))
    said = "; ".join(reasons) or "no format is installed that reads it"
    raise TileSourceError(f"{path.name} is not an image that can be read here: {said}")


def can_read(path: str | os.PathLike[str]) -> bool:
    """Tell whether any format reads the file."""
    try:
        open_reader(Path(path)).close()
    except TileSourceError:
        return False
    return True


def candidates(path: Path) -> list[type[Reader]]:
    """Return the formats that may read a file or folder of that name, best first."""
    mime = mimetypes.guess_type(path.name)[0]
    usable = [form for form in formats().values() if _is_asked(form, path, mime)]
    return sorted(usable, key=lambda form: _priority(form, path, mime))


def _is_asked(form: type[Reader], path: Path, mime: str | None) -> bool:
    if form.reads_folders < path.is_dir() or _priority(form, path, mime) >= SourcePriority.MANUAL:
        return False
    if form.reads_other_files and not getConfig("allow_other_files"):
        return False
    # An image of several files, named by one of them: only who knows it reads it whole.
    ignored = getConfig("all_sources_ignored_names")
    return not (ignored and re.search(ignored, path.name)) or _extension(path) in form.extensions


def _priority(form: type[Reader], path: Path, mime: str | None) -> int:
    by_name = form.extensions.get(_extension(path), form.extensions[None])
    return min(by_name, form.mime_types.get(mime, form.mime_types[None]))


def _extension(path: Path) -> str:
    return path.suffix.lower().lstrip(".")
