"""Write an image as OME-NGFF in a zarr hierarchy: a folder, or a zip file.

Sources: the zarr storage specification, version 2; the OME-NGFF specification, version 0.4. Its
axes are t, c, z, y and x; others, and `s` for the bands of a pixel, go by their own names.
"""

from __future__ import annotations

import json
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np

from tilesource.errors import InvalidRequest
from tilesource.formats.base import Pixels, frames_of
from tilesource.writing.levels import EncodedTile, Place, Shape
from tilesource.writing.picture import Picture
from tilesource.writing.pyramid import steps_of

_SIDE = 512
_LEVEL = 3
_COMPRESSOR = {"id": "zstd", "level": _LEVEL}
_AXIS_TYPES = {"t": "time", "c": "channel", "z": "space", "s": "channel"}


def write_zarr(path: Path, picture: Picture) -> None:
    """Write a picture without loss, to a zip file if the path ends so, else to a new folder."""
    store: _Store = _ZipStore(path) if path.suffix == ".zip" else _FolderStore(path)
    axes = _axes(picture)
    shape = Shape(width=picture.width, height=picture.height, tile=_SIDE)
    with store:
        store.put(".zgroup", _json({"zarr_format": 2}))
        store.put(".zattrs", _json(_attributes(picture, axes, len(shape.sizes))))
        for level, size in enumerate(shape.sizes):
            store.put(f"{level}/.zarray", _json(_array(picture, axes, size)))
        for step in steps_of(picture, shape, _encode):
            places = picture.frames[step.frame].values()
            for tile in step.tiles:
                store.put(_name(tile, [*places]), tile.data)


class _Store(ABC):
    """Where the parts of a hierarchy go."""

    @abstractmethod
    def put(self, name: str, data: bytes) -> None: ...

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


class _FolderStore(_Store):
    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir()

    def put(self, name: str, data: bytes) -> None:
        target = self._path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


class _ZipStore(_Store):
    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_STORED)

    def put(self, name: str, data: bytes) -> None:
        self._zip.writestr(name, data)

    def __exit__(self, *_: object) -> None:
        self._zip.close()


def _axes(picture: Picture) -> dict[str, int]:
    """Return the lengths of the axes that count frames, slowest first."""
    axes = {axis: len({frame[axis] for frame in picture.frames}) for axis in picture.frames[0]}
    if list(frames_of(axes)) != [*picture.frames]:
        raise InvalidRequest("zarr holds frames that fill all places of their axes")
    return axes


def _encode(_: int, __: Place, pixels: Pixels) -> bytes:
    native = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<"))
    return bytes(imagecodecs.zstd_encode(native.tobytes(), _LEVEL))


def _name(tile: EncodedTile, places: list[int]) -> str:
    """Return a chunk's name: its place on each axis, the only one of bands last."""
    place = tile.place
    return f"{place.level}/" + "/".join(map(str, (*places, place.row, place.column, 0)))


def _array(picture: Picture, axes: Mapping[str, int], size: tuple[int, int]) -> dict[str, Any]:
    width, height = size
    return {
        "zarr_format": 2,
        "shape": [*axes.values(), height, width, picture.bands],
        "chunks": [*(1 for _ in axes), _SIDE, _SIDE, picture.bands],
        "dtype": picture.dtype.newbyteorder("<").str,
        "compressor": _COMPRESSOR,
        "fill_value": 0,
        "filters": None,
        "order": "C",
        "dimension_separator": "/",
    }


def _attributes(picture: Picture, axes: Mapping[str, int], levels: int) -> dict[str, Any]:
    """Return what OME-NGFF tells of the axes, the scale and the channels."""
    scale = picture.scale
    known = bool(scale.mm_x and scale.mm_y)
    unit = {"unit": "millimeter"} if known else {}
    described: dict[str, Any] = {
        "version": "0.4",
        "name": "image",
        "axes": [
            *({"name": axis} | _typed(axis) for axis in axes),
            *({"name": axis, "type": "space", **unit} for axis in "yx"),
            {"name": "s", "type": "channel"},
        ],
        "datasets": [
            {"path": str(level), "coordinateTransformations": [_transform(picture, axes, level)]}
            for level in range(levels)
        ],
    }
    if picture.description or picture.notes:
        described["metadata"] = {"description": _told(picture)}
    return {"multiscales": [described], "omero": {"channels": _channels(picture, axes)}}


def _told(picture: Picture) -> str | dict[str, Any]:
    if not picture.notes:
        return picture.description
    return {"description": picture.description, "additionalMetadata": picture.notes}


def _channels(picture: Picture, axes: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the name and colour of each channel or band; large_image reads no zarr without."""
    count = axes.get("c", picture.bands)
    names = dict(enumerate(picture.channels))
    colours = dict(enumerate(picture.channel_colours))
    return [
        {
            "label": names.get(number, f"Band {number + 1}"),
            "color": colours.get(number, "#ffffff").removeprefix("#").upper(),
            "active": True,
        }
        for number in range(count)
    ]


def _typed(axis: str) -> dict[str, str]:
    return {"type": _AXIS_TYPES[axis]} if axis in _AXIS_TYPES else {}


def _transform(picture: Picture, axes: Mapping[str, int], level: int) -> dict[str, Any]:
    step = float(1 << level)
    mm_x, mm_y = picture.scale.mm_x or 1.0, picture.scale.mm_y or 1.0
    return {"type": "scale", "scale": [*(1.0 for _ in axes), mm_y * step, mm_x * step, 1.0]}


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1).encode()
