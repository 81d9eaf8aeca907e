"""A picture written in the format that the name of the file asks for."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyvips

from tilesource.errors import InvalidRequest, TileSourceError
from tilesource.formats.vips import reason_of
from tilesource.writing.codecs import Codec
from tilesource.writing.files import remove, replacing
from tilesource.writing.fitting import for_screen, without_last_band
from tilesource.writing.picture import Picture
from tilesource.writing.tiff import TiffOptions, write_tiff
from tilesource.writing.zarr import write_zarr

_TIFF = (".tif", ".tiff", ".ptif", ".ptiff", ".svs")
_DEEP_ZOOM = ".dzi"
_ZARR_MARKS = (".zgroup", "zarr.json")
_JPEG = Codec(compression="jpeg", quality=90)
_LOSSLESS = Codec()
_UNCOMPRESSED = TiffOptions(codec=Codec(compression="none"))
# Formats of libvips that hold 16 bits, and those that can be told to lose nothing.
_DEEP = (".png", ".v", ".vips")
_CAN_BE_LOSSLESS = (".webp", ".avif", ".heic", ".heif")


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """How a picture is written; options of libvips take the place of the other choices."""

    has_alpha: bool
    lossy: bool = True
    vips_options: Mapping[str, Any] | None = None


def save(picture: Picture, path: Path, how: Saving) -> None:
    """Write a picture; the suffix of the path tells the format. On failure, no file is left."""
    kind = path.suffix.lower()
    if path.name.lower().endswith((".zarr", ".zarr.zip")):
        _save_zarr(picture, path)
    elif kind in _TIFF and how.vips_options is None:
        with replacing(path) as partial:
            write_tiff(partial, *_as_tiff(picture, path, how))
    elif kind == _DEEP_ZOOM:
        _save_deep_zoom(picture, path, how)
    else:
        saver = _saver_of(picture, path)
        with replacing(path) as partial:
            _save_with_vips(picture, saver, partial, how)


def _as_tiff(picture: Picture, path: Path, how: Saving) -> tuple[Picture, TiffOptions]:
    """Return what is stored: JPEG if that may be and can be, and then without alpha."""
    ome = ".ome." in path.name.lower()
    opaque = without_last_band(picture) if how.has_alpha else picture
    if how.lossy and _JPEG.fits(opaque.bands, opaque.dtype):
        return opaque, TiffOptions(codec=_JPEG, ome=ome)
    return picture, TiffOptions(codec=_LOSSLESS, ome=ome)


def _save_zarr(picture: Picture, path: Path) -> None:
    """Write a zarr; a folder of that name is only replaced if it is one, too."""
    old = path.is_dir()
    if old and not any((path / mark).exists() for mark in _ZARR_MARKS):
        raise TileSourceError(f"{path.name} cannot be written: it is a folder, but no zarr")
    with replacing(path) as partial:
        write_zarr(partial, picture)
        if old:
            remove(path)


def _save_deep_zoom(picture: Picture, path: Path, how: Saving) -> None:
    """Write a Deep Zoom descriptor, and beside it the folder of its tiles."""
    _check_one_frame(picture, path)
    tiles = path.with_name(f"{path.stem}_files")
    with replacing(path) as partial, tempfile.TemporaryDirectory(dir=path.parent) as folder:
        base = Path(folder) / "image"
        _save_with_vips(picture, "VipsForeignSaveDzFile", base, how)
        if tiles.exists():
            shutil.rmtree(tiles)
        base.with_name("image_files").rename(tiles)
        base.with_name("image.dzi").rename(partial)


def _saver_of(picture: Picture, path: Path) -> str:
    """Return libvips's class for files of a suffix."""
    _check_one_frame(picture, path)
    # The suffix alone, for in a whole name libvips takes what is in brackets as options.
    found = pyvips.vips_lib.vips_foreign_find_save(f"x{path.suffix}".encode())
    if found == pyvips.ffi.NULL or "[" in path.suffix:
        raise InvalidRequest(f"{path.name!r} is not the name of a kind of file that can be written")
    saver: str = pyvips.ffi.string(found).decode()
    return saver


def _check_one_frame(picture: Picture, path: Path) -> None:
    count = len(picture.frames)
    if count > 1:
        raise InvalidRequest(f"{path.name} holds one frame, not {count}: write a TIFF or a zarr")


def _save_with_vips(picture: Picture, saver: str, path: Path, how: Saving) -> None:
    """Let libvips read the picture from a temporary file, so that it is never in memory whole."""
    with tempfile.TemporaryDirectory(prefix="tilesource-") as folder:
        whole = Path(folder) / "whole.tif"
        write_tiff(whole, _fitted(picture, path, how), _UNCOMPRESSED)
        try:
            image = pyvips.Image.tiffload(str(whole), access="sequential")
            pyvips.Operation.call(saver, image, str(path), **_options(path, how))
        except pyvips.Error as exc:
            raise InvalidRequest(f"{path.suffix} cannot be written: {reason_of(exc)}") from exc


def _fitted(picture: Picture, path: Path, how: Saving) -> Picture:
    """Return the picture in 8 bits, unless the format holds more or the caller sees to it."""
    deep = path.suffix.lower() in _DEEP and picture.dtype.name == "uint16"
    return picture if deep or how.vips_options is not None else for_screen(picture)


def _options(path: Path, how: Saving) -> dict[str, Any]:
    if how.vips_options is not None:
        return dict(how.vips_options)
    kind = path.suffix.lower()
    if kind in _CAN_BE_LOSSLESS and not how.lossy:
        return {"lossless": True}
    return {"Q": 90} if kind in (".jpg", ".jpeg", *_CAN_BE_LOSSLESS) else {}
