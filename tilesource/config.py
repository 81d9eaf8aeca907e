"""Settings of the library: defaults, then the environment, then what the program sets.

`LARGE_IMAGE_<KEY>` and `GIRDER_TILES_<KEY>` in the environment set a value; of both, ours wins.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Mapping
from typing import Any

from tilesource.errors import InvalidRequest

PREFIXES = ("GIRDER_TILES_", "LARGE_IMAGE_")

DEFAULTS: Mapping[str, Any] = {
    "default_encoding": "JPEG",
    "default_projection": None,
    "cache_backend": "memory",  # memory, redis or none
    "cache_tile_bytes": 1 << 27,  # what computed tiles may take, in memory or in Redis
    "cache_tile_seconds": 7 * 86400,  # how long Redis keeps one that nobody asks for
    "cache_redis_url": "127.0.0.1:6379",
    "cache_redis_username": None,
    "cache_redis_password": None,
    "cache_sources": True,  # keep files open for the next time
    "cache_tilesource_maximum": 64,  # how many
    "cache_decoded_bytes": 1 << 29,  # what decoded strips and untiled images may take
    "max_small_image_size": 4096,
    "icc_correction": True,
    # Whether an image may name other files to be read. Not where neighbours in a folder belong to
    # different people, as in an assetstore.
    "allow_other_files": True,
    # Folders, apart as in PATH, in which they may lie beside the image's own folder.
    "other_folders": "",
    "all_sources_ignored_names": r"(\.mrxs|\.vsi)$",
    "logger": logging.getLogger("tilesource"),
    "logprint": logging.getLogger("tilesource"),
}

_lock = threading.Lock()
_set: dict[str, Any] = {}


def getConfig(key: str | None = None, default: Any = None) -> Any:
    """Return the value of a key (`default` if it is not set), or all values by key."""
    if key is None:
        return {name: getConfig(name) for name in {*DEFAULTS, *_set}}
    with _lock:
        if key in _set:
            return _set[key]
    for prefix in PREFIXES:
        if (text := os.environ.get(prefix + key.upper())) is not None:
            return _parsed(key, text)
    return DEFAULTS.get(key, default)


def setConfig(key: str, value: Any) -> None:
    """Set the value of a key for this process; None makes it the default again."""
    if key in DEFAULTS and value is not None:
        _check(key, value)
    with _lock:
        if value is None:
            _set.pop(key, None)
        else:
            _set[key] = value


def _parsed(key: str, text: str) -> Any:
    """Return an environment variable as the type that the default has."""
    if isinstance(DEFAULTS.get(key), str | None):
        return text
    try:
        value = json.loads(text.lower() if text in ("True", "False") else text)
    except ValueError:
        value = text
    _check(key, value)
    return value


def _check(key: str, value: Any) -> None:
    default = DEFAULTS[key]
    if default is None or isinstance(default, logging.Logger):
        return
    if key == "icc_correction" and isinstance(value, str):  # the name of an intent
        return
    if type(value) is not type(default) or (isinstance(value, int) and value < 0):
        raise InvalidRequest(f"{key} is of the kind of {default!r}, not {value!r}")
