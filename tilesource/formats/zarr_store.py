"""Open a zarr hierarchy in a folder or a zip file, and refuse what would be dangerous to read."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import zarr

from tilesource.errors import DamagedFile, UnreadableFile

# The files that describe a group or an array, of zarr's formats 2 and 3.
_MARKS = (".zgroup", ".zarray", "zarr.json")
_ENTRIES = (*_MARKS, ".zattrs")
_LARGEST_ENTRY = 1 << 29
_MOST_ENTRIES = 5_000_000
# Codecs that turn bytes into bytes or numbers. Others, as pickle, could run what a file tells.
_CODECS = frozenset({
    "adler32", "astype", "bitround", "blosc", "bytes", "bz2", "crc32", "crc32c", "delta",
    "endian", "fixedscaleoffset", "fletcher32", "gzip", "lz4", "lzma", "packbits", "quantize",
    "sharding_indexed", "shuffle", "transpose", "zlib", "zstd",
})  # fmt: skip

STORE_ERRORS = (
    OSError, ValueError, KeyError, TypeError, RuntimeError, IndexError, AttributeError,
    NotImplementedError, EOFError, MemoryError, zlib.error, zipfile.BadZipFile,
)  # fmt: skip


def open_hierarchy(path: Path) -> tuple[Any, Any]:
    """Return the root group or array of a folder or zip file, and the store to close after it."""
    if path.name in _ENTRIES:
        path = path.parent
    if path.is_dir():
        if not any((path / mark).is_file() for mark in _MARKS):
            raise UnreadableFile(f"{path.name} is not a zarr folder")
        return zarr.open(str(path), mode="r"), None
    prefix = _zip_prefix(path)
    store = _zip_store()(str(path), mode="r")
    return zarr.open(store, mode="r", path=prefix), store


def _zip_store() -> Any:
    """Return the class of zip stores; it moved from zarr 2 to 3."""
    return getattr(zarr, "ZipStore", None) or zarr.storage.ZipStore


def _zip_prefix(path: Path) -> str:
    """Return the folder in a zip file that holds the hierarchy's root: mostly none."""
    if not zipfile.is_zipfile(path):
        raise UnreadableFile(f"{path.name} is not a zip file")
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES:
        raise UnreadableFile(f"{path.name} has more than {_MOST_ENTRIES:,} entries")
    largest = max(entries, key=lambda entry: entry.file_size, default=None)
    if largest and largest.file_size > _LARGEST_ENTRY:
        raise UnreadableFile(f"{largest.filename} in {path.name} is too large to hold")
    marks = [PurePosixPath(entry.filename) for entry in entries]
    marks = [mark for mark in marks if mark.name in _MARKS]
    if not marks:
        raise UnreadableFile(f"{path.name} holds no zarr hierarchy")
    root = min(marks, key=lambda mark: len(mark.parts)).parent
    return "" if str(root) == "." else str(root)


def check_array(array: Any) -> None:
    """Refuse an array of objects, or one whose codecs are not known to be harmless."""
    if array.dtype.kind not in "buif":
        raise UnreadableFile(f"zarr values of the type {array.dtype} are not supported")
    for name in _codecs(_description(array)):
        short = name.lower().removeprefix("numcodecs.")
        if short not in _CODECS and not short.startswith("imagecodecs_"):
            raise UnreadableFile(f"zarr data compressed with {name!r} is not supported")


def _description(array: Any) -> Mapping[str, Any]:
    """Return an array's own description, whichever release of zarr has read it."""
    if hasattr(array, "metadata"):
        described: Mapping[str, Any] = array.metadata.to_dict()
        return described
    text = array.store[f"{array.path}/.zarray".lstrip("/")]
    try:
        parsed: Mapping[str, Any] = json.loads(text)
    except ValueError as exc:
        raise DamagedFile(f"the description of {array.path} is no JSON") from exc
    return parsed


def _codecs(value: Any) -> Iterator[str]:
    """Yield the names of the codecs of a description, of shards too."""
    if isinstance(value, Mapping):
        nested = [value.get(key) for key in ("filters", "compressor", "codecs", "index_codecs")]
        yield from _named(nested)
    else:
        yield from _named([value])


def _named(values: list[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from _named(list(value))
        elif isinstance(value, Mapping):
            yield str(value.get("id") or value.get("name"))
            yield from _codecs(value.get("configuration") or {})
        elif value is not None:
            config = value.get_config() if hasattr(value, "get_config") else value.to_dict()
            yield from _named([config])
