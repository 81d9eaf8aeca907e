"""Every other image that libvips opens: PNG, JPEG, WebP, GIF, HEIF, unusual TIFF."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pyvips

from tilesource.constants import SourcePriority
from tilesource.errors import DamagedFile, UnreadableFile
from tilesource.formats.base import ImageInfo, Level, Pixels, Reader
from tilesource.pixels import from_vips

# Image formats only. libvips also "opens" CSV, SVG with links, and its own raw dumps.
_LOADERS = {
    "jpegload": True, "uhdrload": True, "webpload": True, "heifload": True,  # True: lossy
    "jp2kload": True, "jxlload": True,
    "pngload": False, "gifload": False, "tiffload": False, "ppmload": False, "radload": False,
}  # fmt: skip
_DTYPES = {
    "uchar": np.uint8, "char": np.int8, "ushort": np.uint16, "short": np.int16,
    "uint": np.uint32, "int": np.int32, "float": np.float32, "double": np.float64,
}  # fmt: skip
_MOST_PAGES = 100_000

# libvips would keep files of closed sources open, and serve old pixels of a replaced file.
pyvips.cache_set_max(0)


class VipsReader(Reader):
    """An image of one level that libvips reads; decoded to memory or, if large, to a file."""

    name = "vips"
    extensions = {
        None: SourcePriority.FALLBACK,
        **dict.fromkeys(("png", "jpg", "jpeg", "webp", "gif", "heic", "avif"), SourcePriority.LOW),
    }
    mime_types = {
        None: SourcePriority.FALLBACK,
        **dict.fromkeys(("image/png", "image/jpeg", "image/webp", "image/gif"), SourcePriority.LOW),
    }

    def __init__(self, path: Path, info: ImageInfo) -> None:
        super().__init__(path, info)
        self._page = functools.lru_cache(8)(self._open_page)

    @classmethod
    def open(cls, path: Path) -> VipsReader:
        try:
            loader = _loader_of(path)
            image = open_upright(path)
        except pyvips.Error as exc:
            raise UnreadableFile(f"{path.name} cannot be read: {reason_of(exc)}") from exc
        return cls(path, _describe(image, lossy=_LOADERS[loader]))

    def _open_page(self, page: int) -> Any:
        return open_upright(self.path, page)

    def _read(self, level: int, frame: int, x: int, y: int, width: int, height: int) -> Pixels:
        try:
            part = self._page(frame).crop(x, y, width, height)
            return from_vips(part, self.info.dtype)
        except pyvips.Error as exc:
            raise DamagedFile(f"{self.path.name} is damaged: {reason_of(exc)}") from exc


def open_upright(path: Path, page: int = 0, access: str = "random") -> Any:
    """Return a file as a libvips image: the right way up, in grey or RGB."""
    load = getattr(pyvips.Image, _loader_of(path))
    options = {"page": page} if page else {}
    image = load(str(path), access=access, fail_on="truncated", **options)
    if image.get_typeof("orientation") and image.get("orientation") != 1:
        if access == "sequential":  # a column of the file becomes a row: no line comes in order
            image = load(str(path), access="random", fail_on="truncated", **options)
        image = image.autorot()
    if image.interpretation in ("cmyk", "lab", "labq", "labs", "xyz", "hsv", "lch", "yxy"):
        image = image.colourspace("srgb")
    return image


def _loader_of(path: Path) -> str:
    """Return the libvips loader for the file's content, if it is one for images.

    The loader is called by name, for new_from_file would take `[...]` in a path as options.
    """
    source = pyvips.Source.new_from_file(str(path))
    found = pyvips.vips_lib.vips_foreign_find_load_source(source.pointer)
    if found == pyvips.ffi.NULL:
        raise UnreadableFile(f"{path.name} is not an image that libvips reads")
    kind = pyvips.type_from_name(pyvips.ffi.string(found).decode())
    loader: str = pyvips.nickname_find(kind).removesuffix("_source")
    if loader not in _LOADERS:
        raise UnreadableFile(f"{path.name} is not an image: libvips would use {loader}")
    return loader


def reason_of(error: pyvips.Error) -> str:
    """Return what libvips says of an error, in one line and without paths."""
    lines = [line.strip() for line in str(error.detail or error.message).splitlines()]
    return "; ".join(line for line in dict.fromkeys(lines) if line and "/" not in line) or "damaged"


def _describe(image: Any, *, lossy: bool) -> ImageInfo:
    if image.format not in _DTYPES:
        raise UnreadableFile(f"pixels of the type {image.format} are not supported")
    pages = image.get("n-pages") if image.get_typeof("n-pages") else 1
    if not 1 <= pages <= _MOST_PAGES:
        raise UnreadableFile(f"an image of {pages} pages is not supported")
    level = Level(
        width=image.width, height=image.height,
        tile_width=image.width, tile_height=image.height, tiled=False,
    )  # fmt: skip
    return ImageInfo(
        levels=(level,),
        dtype=np.dtype(_DTYPES[image.format]),
        bands=image.bands,
        frames=({},) * pages,
        lossy=lossy,
        internal={name: image.get(name) for name in ("vips-loader",)},
    )
