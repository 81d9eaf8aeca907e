"""Write an image as a tiled pyramidal TIFF, streaming it through libvips."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyvips

from tilesource.errors import ConversionCanceled, DamagedFile, InvalidRequest, TileSourceError
from tilesource.formats.vips import open_upright, reason_of
from tilesource.opening import open as open_source

COMPRESSIONS = ("auto", "none", "lzw", "deflate", "zstd", "jpeg", "webp", "packbits", "jp2k")
_LOSSY = ("jpeg", "webp", "jp2k")
# What libvips holds in memory: some rows of tiles, or of some formats the whole image.
_LARGEST_ROW, _LARGEST_WHOLE = 1 << 30, 1 << 32  # bytes
_WHOLE_LOADERS = ("gifload", "heifload", "jxlload", "uhdrload", "webpload")
_DESCRIPTION = "image-description"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionOptions:
    """How the pyramid is stored; `auto` loses nothing, unless the original is lossy already."""

    compression: str = "auto"
    quality: int = 90
    tile_size: int = 256

    def __post_init__(self) -> None:
        if self.compression not in COMPRESSIONS:
            known = ", ".join(COMPRESSIONS)
            raise InvalidRequest(f"compression is one of {known}, not {self.compression!r}")
        if not 1 <= self.quality <= 100:
            raise InvalidRequest(f"quality is 1 to 100, not {self.quality}")
        if self.tile_size % 16 or not 16 <= self.tile_size <= 4096:
            raise InvalidRequest(f"tile size is a multiple of 16, up to 4096, not {self.tile_size}")


def convert(
    source: str | os.PathLike[str],
    destination: str | os.PathLike[str],
    options: ConversionOptions = ConversionOptions(),
    progress: Callable[[float], None] = lambda done: None,
    canceled: Callable[[], bool] = lambda: False,
) -> None:
    """Write the image at a path as a tiled pyramidal TIFF at another.

    `progress` gets the share that is done, 0 to 1. When `canceled` returns True, or anything goes
    wrong, no file is left and ConversionCanceled or TileSourceError is raised.
    """
    target = Path(destination)
    partial = target.with_name(target.name + ".part")
    try:
        _write(Path(source), partial, options, progress, canceled)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    progress(1.0)


def _write(
    source: Path,
    target: Path,
    options: ConversionOptions,
    progress: Callable[[float], None],
    canceled: Callable[[], bool],
) -> None:
    with open_source(source) as opened:
        if opened.frames > 1:
            raise TileSourceError(f"{source.name} has {opened.frames} frames; they would be lost")
        lossy, bands, dtype = opened.reader.info.lossy, opened.bandCount, opened.reader.info.dtype
        scale = opened.getNativeMagnification()
        base, depth = opened.reader.info.levels[0], bands * dtype.itemsize
    if base.tiled:
        _check_memory(source.name, base.width * base.tile_height * depth, _LARGEST_ROW)
    compression = _compression(options.compression, lossy and bands in (1, 3) and dtype == "u1")
    try:
        image = _described(open_upright(source, access="sequential"), scale)
        if _is_held_whole(image):
            _check_memory(source.name, image.width * image.height * depth, _LARGEST_WHOLE)
        _report(image, progress, canceled)
        image.tiffsave(
            str(target), tile=True, tile_width=options.tile_size, tile_height=options.tile_size,
            pyramid=True, bigtiff=True, compression=compression, Q=options.quality,
            **_predictor(compression, str(image.format)),
        )  # fmt: skip
    except pyvips.Error as exc:
        if canceled():
            raise ConversionCanceled("the conversion was canceled") from exc
        raise _failure(source.name, reason_of(exc)) from exc


def _is_held_whole(image: Any) -> bool:
    """Tell whether libvips has to decode all of the file before the first line."""
    interlaced = image.get_typeof("interlaced") and image.get("interlaced")
    return bool(interlaced) or image.get("vips-loader") in _WHOLE_LOADERS


def _check_memory(name: str, needed: int, allowed: int) -> None:
    if needed > allowed:
        raise TileSourceError(f"{name} takes {needed:,} bytes of memory to convert, too many")


def _described(image: Any, scale: Mapping[str, float | None]) -> Any:
    """Return the image with a description that is true of its pyramid, and with its scale.

    tifffile's, ImageJ's and OME's tell how many pages the original has: whoever reads the pyramid
    by them takes its levels for frames. Aperio's only tells of the scan.
    """
    mm_x, mm_y = scale["mm_x"], scale["mm_y"]
    known = {"xres": 1 / mm_x, "yres": 1 / mm_y} if mm_x and mm_y else {}
    image = image.copy(**known)
    if image.get_typeof(_DESCRIPTION) and not image.get(_DESCRIPTION).startswith("Aperio"):
        image.remove(_DESCRIPTION)
    return image


def _failure(name: str, reason: str) -> TileSourceError:
    """Return what went wrong; libvips tells only in words whether it was reading or writing."""
    if re.search(r"read|load|decod|truncat|premature|corrupt", reason, re.IGNORECASE):
        return DamagedFile(f"{name} is damaged or incomplete ({reason})")
    return TileSourceError(f"{name} could not be converted: {reason}")


def _compression(wanted: str, can_lose: bool) -> str:
    if wanted != "auto":
        return wanted
    return "jpeg" if can_lose else "deflate"


def _predictor(compression: str, form: str) -> dict[str, str]:
    """Return the option that stores differences between neighbours, which compress better."""
    if compression not in ("lzw", "deflate", "zstd"):
        return {}
    return {"predictor": "float" if form in ("float", "double") else "horizontal"}


def _report(
    image: Any, progress: Callable[[float], None], canceled: Callable[[], bool]
) -> None:
    """Call back as the image is read; a canceled conversion stops at the next line."""

    def on_eval(image: Any, state: Any) -> None:
        progress(state.percent / 100)
        if canceled():
            image.set_kill(True)

    image.set_progress(True)
    image.signal_connect("eval", on_eval)
