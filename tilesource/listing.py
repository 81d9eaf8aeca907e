"""Which formats there are, and which of them read a file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tilesource.constants import SourcePriority
from tilesource.errors import TileSourceError
from tilesource.formats.base import Reader
from tilesource.registry import candidates, formats


def listSources(availableSources: Mapping[str, type[Reader]] | None = None) -> dict[str, Any]:
    """Return each format's extensions and MIME types with their priorities, and all of them."""
    known = formats() if availableSources is None else availableSources
    sources = {
        name: {"extensions": _named(form.extensions), "mimeTypes": _named(form.mime_types)}
        for name, form in known.items()
    }
    return {
        "sources": sources,
        "extensions": listExtensions(known),
        "mimeTypes": listMimeTypes(known),
    }


def listExtensions(availableSources: Mapping[str, type[Reader]] | None = None) -> list[str]:
    """Return the file extensions that any format knows, without dots, sorted."""
    known = formats() if availableSources is None else availableSources
    return _keys(form.extensions for form in known.values())


def listMimeTypes(availableSources: Mapping[str, type[Reader]] | None = None) -> list[str]:
    """Return the MIME types that any format knows, sorted."""
    known = formats() if availableSources is None else availableSources
    return _keys(form.mime_types for form in known.values())


def canReadList(pathOrUri: str | os.PathLike[str]) -> list[tuple[str, bool]]:
    """Return (name, whether it reads the file) of each format that is asked, the best first."""
    path = Path(pathOrUri)
    return [(form.name, _reads(form, path)) for form in candidates(path)]


def getSourceNameFromDict(
    availableSources: Mapping[str, type[Reader]], pathOrUri: str | os.PathLike[str]
) -> str | None:
    """Return the name of the first of the given formats, best first, that reads the file."""
    path = Path(pathOrUri)
    known = {form: name for name, form in availableSources.items()}
    ordered = [form for form in candidates(path) if form in known]
    return next((known[form] for form in ordered if _reads(form, path)), None)


def _reads(form: type[Reader], path: Path) -> bool:
    try:
        form.open(path).close()
    except (TileSourceError, FileNotFoundError):
        return False
    return True


def _named(priorities: Mapping[str | None, SourcePriority]) -> dict[str, int]:
    return {name or "default": int(priority) for name, priority in priorities.items()}


def _keys(tables: Iterable[Mapping[str | None, SourcePriority]]) -> list[str]:
    return sorted({name for table in tables for name in table if name})
