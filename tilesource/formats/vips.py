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
from tilesource.formats.decoded import DECODED
from tilesource.formats.mpo import pictures_alike
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
_PROFILE = "icc-profile-data"
_MOST_PAGES = 100_000
_PNG_HEAD = 1 << 16
_LARGEST_BLANK, _DENSEST = 1 << 30, 500  # bytes of pixels, and those made of one stored byte

# libvips would keep files of closed sources open, and serve old pixels of a replaced file.
pyvips.cache_set_max(0)


class VipsReader(Reader):
    """An image of one level that libvips reads; decoded to memory or, if large, to a file."""

    name = "vips"
    extensions = {
        None: SourcePriority.FALLBACK_HIGH,
        **dict.fromkeys(("png", "jpg", "jpeg", "webp", "gif", "heic", "avif"), SourcePriority.LOW),
    }
    mime_types = {
        None: SourcePriority.FALLBACK,
        **dict.fromkeys(("image/png", "image/jpeg", "image/webp", "image/gif"), SourcePriority.LOW),
    }

    @classmethod
    def open(cls, path: Path) -> VipsReader:
        try:
            loader = _loader_of(path)
            image = open_upright(path)
        except pyvips.Error as exc:
            raise UnreadableFile(f"{path.name} cannot be read: {reason_of(exc)}") from exc
        try:
            return cls(path, _describe(image, path, lossy=_LOADERS[loader]))
        except UnreadableFile as exc:
            raise UnreadableFile(f"{path.name} cannot be read: {exc}") from exc

    def close(self) -> None:
        DECODED.forget(self)

    def _open_page(self, page: int) -> Any:
        image, first = open_upright(self.path, page), self.info.levels[0]
        if (image.width, image.height) != (first.width, first.height):
            raise DamagedFile(f"frame {page} of {self.path.name} is not as large as the first one")
        return image

    def _read(self, level: int, frame: int, x: int, y: int, width: int, height: int) -> Pixels:
        try:
            # libvips decodes such an image whole, when the first of its pixels are read.
            image = DECODED.get(self, frame, functools.partial(self._open_page, frame))
            return from_vips(image.crop(x, y, width, height), self.info.dtype)
        except pyvips.Error as exc:
            raise DamagedFile(f"{self.path.name} is damaged: {reason_of(exc)}") from exc


def open_upright(path: Path, page: int = 0, access: str = "random") -> Any:
    """Return a file as a libvips image: the right way up, in grey or RGB."""
    load = getattr(pyvips.Image, _loader_of(path))
    options = {"page": page} if page else {}
    image = load(str(path), access=access, fail_on="truncated", **options)
    if image.get_typeof("orientation") and image.get("orientation") != 1:
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
    if loader == "pngload" and _is_animated(path):
        raise UnreadableFile(f"{path.name} is an animated PNG, of which libvips reads one frame")
    if loader == "jpegload" and len(pictures_alike(path)) > 1:
        raise UnreadableFile(f"{path.name} holds several pictures, of which libvips reads one")
    if loader not in _LOADERS:
        raise UnreadableFile(f"{path.name} is not an image: libvips would use {loader}")
    return loader


def _is_animated(path: Path) -> bool:
    """Tell whether a PNG has the chunk that an animation has before its pixels."""
    with path.open("rb") as file:
        before_pixels = file.read(_PNG_HEAD).partition(b"IDAT")[0]
    return b"acTL" in before_pixels


def reason_of(error: pyvips.Error) -> str:
    """Return what libvips says of an error, in one line and without paths."""
    lines = [line.strip() for line in str(error.detail or error.message).splitlines()]
    return "; ".join(line for line in dict.fromkeys(lines) if line and "/" not in line) or "damaged"


def _profile(image: Any) -> bytes | None:
    """Return the profile of an image, unless it is that of the inks it was converted from."""
    if not image.get_typeof(_PROFILE):
        return None
    profile: bytes = image.get(_PROFILE)
    return profile if profile[16:20] in (b"RGB ", b"GRAY") else None


def _check_size(image: Any, path: Path) -> None:
    """Refuse what no image is: gigabytes of pixels made of almost nothing."""
    pixels = image.width * image.height * image.bands * np.dtype(_DTYPES[image.format]).itemsize
    stored = max(path.stat().st_size, 1)
    if pixels > _LARGEST_BLANK and pixels / stored > _DENSEST:
        raise UnreadableFile(f"it makes {pixels:,} bytes of {stored:,}, as bombs do")


def _describe(image: Any, path: Path, *, lossy: bool) -> ImageInfo:
    if image.format not in _DTYPES:
        raise UnreadableFile(f"pixels of the type {image.format} are not supported")
    _check_size(image, path)
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
        icc_profile=_profile(image),
        internal={name: image.get(name) for name in ("vips-loader",)},
    )
