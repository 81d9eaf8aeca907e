"""Zarr: OME-NGFF images and plain arrays, in a folder or read in place from a zip file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tilesource.constants import SourcePriority
from tilesource.errors import DamagedFile, UnreadableFile
from tilesource.formats.base import (
    ImageInfo,
    Level,
    Pixels,
    Reader,
    frames_of,
    magnification_of,
    slowest_first,
)
from tilesource.formats.decoded import DECODED
from tilesource.formats.ngff import Multiscale, multiscales_of
from tilesource.formats.tiles import assemble
from tilesource.formats.zarr_store import STORE_ERRORS, check_array, open_hierarchy
from tilesource.geometry import Box

_COLOURS = (3, 4)  # channels without names that are taken as the bands of RGB and RGBA
_LARGEST_CHUNK = 1 << 28
_LARGEST_TILE = 2048
_LEAST_TILE = 128
_MOST_FRAMES = 1_000_000


class ZarrReader(Reader):
    """The main image of a zarr hierarchy; images alike are its positions, on the axis xy."""

    name = "zarr"
    reads_folders = True
    extensions = {
        None: SourcePriority.LOWER,
        **dict.fromkeys(("zarr", "zgroup", "zattrs", "zarray"), SourcePriority.PREFERRED),
        "zip": SourcePriority.LOWER,
    }
    mime_types = {
        None: SourcePriority.FALLBACK,
        **dict.fromkeys(
            ("application/zip+zarr", "application/vnd+zarr", "application/x-zarr"),
            SourcePriority.PREFERRED,
        ),
    }

    def __init__(self, path: Path, root: Any, store: Any) -> None:
        self._store = store
        self._attributes: Mapping[str, Any] = root.attrs.asdict()
        self._images = _images_of(root)
        first = self._images[0]
        for image in self._images:
            for array in image.arrays:
                check_array(array)
        self._bands = _bands_axis(first)
        self._frames = _frames_of(first, self._bands, len(self._images))
        super().__init__(path, self._describe(first))

    @classmethod
    def open(cls, path: Path) -> ZarrReader:
        store = None
        try:
            root, store = open_hierarchy(path)
            return cls(path, root, store)
        except (UnreadableFile, DamagedFile) as exc:
            reason: Exception = exc
        except STORE_ERRORS as exc:
            reason = exc
        if store is not None:
            store.close()
        kind = DamagedFile if isinstance(reason, DamagedFile) else UnreadableFile
        raise kind(f"{path.name} cannot be read as zarr: {reason}") from reason

    def close(self) -> None:
        DECODED.forget(self)
        if self._store is not None:
            self._store.close()

    def _describe(self, image: Multiscale) -> ImageInfo:
        named = "c" in image.names and self._bands != image.names.index("c")
        one_for_all = min(len(self._frames) - 1, 1)
        count = image.arrays[0].shape[image.names.index("c")] if named else one_for_all
        return ImageInfo(
            levels=[_level(image, array) for array in image.arrays],
            dtype=_native(image.arrays[0].dtype),
            bands=1 if self._bands is None else int(image.arrays[0].shape[self._bands]),
            frames=self._frames,
            channels=image.channels[:count] if 0 < count <= len(image.channels) else (),
            magnification=magnification_of(image.mm_x),
            mm_x=image.mm_x,
            mm_y=image.mm_y,
            internal={"zarr": {"axes": list(image.names), "base": self._attributes}},
        )

    def _read(self, level: int, frame: int, x: int, y: int, width: int, height: int) -> Pixels:
        return assemble(_Plane(self, level, frame), Box(x=x, y=y, width=width, height=height))

    def read_chunk(self, level: int, frame: int, box: Box) -> Pixels:
        """Return a box of one plane as (height, width, bands)."""
        place = self._frames[frame]
        image = self._images[place["xy"] if len(self._images) > 1 else 0]
        spans = {"y": slice(box.y, box.y + box.height), "x": slice(box.x, box.x + box.width)}
        key = tuple(
            spans.get(name, slice(None) if axis == self._bands else place.get(name, 0))
            for axis, name in enumerate(image.names)
        )
        try:
            values = np.asarray(image.arrays[level][key])
        except STORE_ERRORS as exc:
            raise DamagedFile(f"{self.path.name} is damaged: {exc!r}") from exc
        return _upright(values, image, self._bands)


class _Plane:
    """One level of one frame, in the chunks that it is stored in."""

    def __init__(self, reader: ZarrReader, level: int, frame: int) -> None:
        self._reader = reader
        self._number = level
        self._frame = frame
        self.level = reader.info.levels[level]
        self.bands = reader.info.bands
        self.dtype = reader.info.dtype

    def is_stored(self, column: int, row: int) -> bool:
        """Tell that every chunk has values; those not stored have the array's fill value."""
        return True

    def decode(self, column: int, row: int) -> Pixels | None:
        """Return a chunk's pixels; large ones are kept for the tiles that share them."""
        if self.level.tiled:
            return self._chunk(column, row)
        segment = (self._number, self._frame, column, row)
        decoded: Pixels = DECODED.get(self._reader, segment, lambda: self._chunk(column, row))
        return decoded

    def decode_reduced(self, column: int, row: int, factor: int) -> Pixels | None:
        """Return None: a chunk is decoded whole."""

    def _chunk(self, column: int, row: int) -> Pixels:
        level = self.level
        x, y = column * level.tile_width, row * level.tile_height
        box = Box(
            x=x, y=y,
            width=min(level.tile_width, level.width - x),
            height=min(level.tile_height, level.height - y),
        )  # fmt: skip
        return self._reader.read_chunk(self._number, self._frame, box)


def _images_of(root: Any) -> list[Multiscale]:
    """Return the images to show: those like the first, or else what plain arrays there are."""
    images = multiscales_of(root)
    if images:
        first = _kind(images[0])
        return [_with_levels(image) for image in images if _kind(image) == first]
    arrays = [root] if hasattr(root, "ndim") else [array for _, array in root.arrays()]
    fit = [array for array in arrays if array.ndim >= 2 and min(array.shape) > 0]
    if not fit:
        raise UnreadableFile("there is no array of two dimensions or more in it")
    main = max(fit, key=lambda array: math.prod(array.shape))
    names = _names_of(main)
    others = [array for array in fit if array is not main]
    return [_with_levels(Multiscale(arrays=[main, *others], names=names))]


def _kind(image: Multiscale) -> tuple[Any, ...]:
    return tuple(image.arrays[0].shape), str(image.arrays[0].dtype), tuple(image.names)


def _with_levels(image: Multiscale) -> Multiscale:
    """Return the image with those arrays only that are the first one again, smaller."""
    main, plane = image.arrays[0], [image.names.index(name) for name in "xy"]
    levels = [main]
    for array in sorted(image.arrays[1:], key=lambda each: -math.prod(each.shape)):
        if array.ndim != main.ndim or array.dtype != main.dtype:
            continue
        sizes = enumerate(main.shape)
        same = all(array.shape[axis] == size or axis in plane for axis, size in sizes)
        smaller = all(0 < array.shape[axis] <= levels[-1].shape[axis] for axis in plane)
        if same and smaller and array.shape != levels[-1].shape and _is_shrunk(main, array, plane):
            levels.append(array)
    return replace(image, arrays=levels)


def _is_shrunk(main: Any, array: Any, plane: Sequence[int]) -> bool:
    """Tell whether an array has the shape of the main one, but for the rounding of its size."""
    ratios = [main.shape[axis] / array.shape[axis] for axis in plane]
    slack = [ratio / array.shape[axis] for ratio, axis in zip(ratios, plane, strict=True)]
    return bool(abs(ratios[0] - ratios[1]) <= 2 * max(slack))


def _names_of(array: Any) -> list[str]:
    """Return the axes of a plain array: as its attributes name them, or as its shape suggests."""
    named = array.attrs.asdict().get("_ARRAY_DIMENSIONS") or _dimension_names(array)
    names = [str(name).lower() for name in named or ()]
    if len(names) == array.ndim and {"x", "y"} <= set(names) and len(set(names)) == len(names):
        return names
    has_bands = array.ndim > 2 and array.shape[-1] in (1, 2, 3, 4)
    plane = ["y", "x", "s"] if has_bands else ["y", "x"]
    before = array.ndim - len(plane)
    return list("lkjihgf"[-before:]) + plane if 0 < before <= 7 else plane


def _dimension_names(array: Any) -> Any:
    return getattr(getattr(array, "metadata", None), "dimension_names", None)


def _bands_axis(image: Multiscale) -> int | None:
    """Return which axis holds the bands of a pixel, if one does."""
    names, shape = list(image.names), image.arrays[0].shape
    if "s" in names:
        return names.index("s")
    if "c" not in names:
        return None
    axis = names.index("c")
    unnamed = not image.channels and shape[axis] in _COLOURS
    return axis if unnamed or axis == len(names) - 1 else None


def _frames_of(image: Multiscale, bands: int | None, positions: int) -> Sequence[Mapping[str, int]]:
    shape = image.arrays[0].shape
    sizes = {
        name: int(shape[axis])
        for axis, name in enumerate(image.names)
        if name not in ("x", "y") and axis != bands and shape[axis] > 1
    }
    if positions > 1:
        sizes["xy"] = positions
    if math.prod(sizes.values()) > _MOST_FRAMES:
        raise UnreadableFile(f"more than {_MOST_FRAMES:,} frames are not supported")
    return frames_of(slowest_first(sizes))


def _level(image: Multiscale, array: Any) -> Level:
    """Return an array's plane; chunks fit to be sent as tiles are its tiles."""
    x, y = image.names.index("x"), image.names.index("y")
    if math.prod(array.chunks) * array.dtype.itemsize > _LARGEST_CHUNK:
        raise UnreadableFile(f"chunks of {array.chunks} values are too large to decode")
    width, height = _grouped(int(array.chunks[x])), _grouped(int(array.chunks[y]))
    return Level(
        width=int(array.shape[x]), height=int(array.shape[y]), tile_width=width,
        tile_height=height, tiled=max(width, height) <= _LARGEST_TILE,
    )  # fmt: skip


def _grouped(chunk: int) -> int:
    """Return the side of as many chunks as are worth one read: zarr takes its time for each."""
    return chunk * max(1, _LEAST_TILE // max(chunk, 1))


def _native(dtype: Any) -> np.dtype[Any]:
    native: np.dtype[Any] = np.dtype(dtype).newbyteorder("=")
    return np.dtype(np.uint8) if native.kind == "b" else native


def _upright(values: Pixels, image: Multiscale, bands: int | None) -> Pixels:
    """Return what is left of an array's axes as (height, width, bands) in native byte order."""
    left = [name for axis, name in enumerate(image.names) if name in ("x", "y") or axis == bands]
    label = image.names[bands] if bands is not None else None
    order = [left.index("y"), left.index("x")] + ([left.index(label)] if label else [])
    plane = values.transpose(order)
    shaped: Pixels = plane if label else plane[..., np.newaxis]
    if shaped.dtype.kind == "b":
        return np.multiply(shaped, 255, dtype=np.uint8)
    return shaped.astype(_native(shaped.dtype), copy=False)
