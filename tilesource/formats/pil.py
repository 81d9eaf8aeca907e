"""What only Pillow opens: JPEG 2000, BMP, TGA, PSD, ICO, DDS, PCX, SGI, animated PNG, MPO."""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from tilesource.constants import SourcePriority
from tilesource.errors import DamagedFile, UnreadableFile
from tilesource.formats.base import ImageInfo, Level, Pixels, Reader
from tilesource.formats.decoded import DECODED
from tilesource.formats.mpo import pictures_alike

# Not EPS and WMF, which are programs, nor TIFF, whose pages need not be frames of one image.
_FORMATS = [
    "BLP", "BMP", "CUR", "DDS", "DIB", "FLI", "FTEX", "GBR", "GIF", "ICNS", "ICO", "IMT",
    "JPEG", "JPEG2000", "MPO", "MSP", "PCD", "PCX", "PIXAR", "PNG", "PPM", "PSD", "QOI", "SGI",
    "SPIDER", "SUN", "TGA", "WEBP", "XBM", "XPM", "AVIF",
]  # fmt: skip
_ANIMATED = ("GIF", "PNG", "WEBP", "AVIF", "FLI")
_LOSSY = ("JPEG", "JPEG2000", "MPO", "WEBP", "AVIF", "BLP", "DDS", "PCD")
# Modes whose arrays are the pixels; all others are converted to one of them.
_PLAIN = ("L", "LA", "RGB", "RGBA", "I;16", "I", "F")
_CONVERTED = {"1": "L", "La": "LA", "RGBa": "RGBA", "I;16B": "I", "I;16L": "I;16", "I;16N": "I;16"}
_MOST_PIXELS = 1 << 26  # a frame is held whole
_MOST_FRAMES = 10_000
_REFUSED = (
    OSError, ValueError, SyntaxError, EOFError, TypeError, IndexError, KeyError, OverflowError,
    MemoryError, AttributeError, RuntimeError,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip


class PilReader(Reader):
    """An image of one level that Pillow reads, decoded one frame at a time."""

    name = "pil"
    extensions = {
        None: SourcePriority.FALLBACK,
        **dict.fromkeys(("jp2", "j2k", "jpx", "bmp", "tga", "psd", "apng"), SourcePriority.LOW),
    }
    mime_types = {
        None: SourcePriority.FALLBACK,
        **dict.fromkeys(("image/jp2", "image/bmp", "image/apng"), SourcePriority.LOW),
    }

    def __init__(self, path: Path, image: Image.Image) -> None:
        self._lock = threading.Lock()  # a Pillow image is at one of its frames at a time
        first = _shown(image)
        self._pictures = _pictures(path, image)
        super().__init__(path, _describe(image, first, len(self._pictures)))
        DECODED.get(self, 0, lambda: _array(first))
        # An open image holds its pixels, beside those in the cache: a still is opened again.
        self._animation = image if len(self.info.frames) > 1 else None
        if self._animation is None:
            image.close()

    @classmethod
    def open(cls, path: Path) -> PilReader:
        try:
            image = _opened(path)
        except UnidentifiedImageError as exc:
            raise UnreadableFile(f"{path.name} is not an image that Pillow reads") from exc
        except _REFUSED as exc:
            raise UnreadableFile(f"{path.name} cannot be read: {exc}") from exc
        try:
            _check(image)
            return cls(path, image)
        except UnreadableFile as exc:
            image.close()
            raise UnreadableFile(f"{path.name} cannot be read: {exc}") from exc
        except _REFUSED as exc:
            image.close()
            raise DamagedFile(f"{path.name} is damaged: {exc}") from exc

    def close(self) -> None:
        DECODED.forget(self)
        if self._animation is not None:
            self._animation.close()

    def _read(self, level: int, frame: int, x: int, y: int, width: int, height: int) -> Pixels:
        pixels: Pixels = DECODED.get(self, frame, functools.partial(self._decode, frame))
        # A view would keep the whole frame.
        part: Pixels = pixels[y : y + height, x : x + width].copy()
        return part

    def _decode(self, frame: int) -> Pixels:
        try:
            shown = self._shown(frame)
        except _REFUSED as exc:
            raise DamagedFile(f"frame {frame} of {self.path.name} is damaged: {exc}") from exc
        pixels = _array(shown)
        level = self.info.levels[0]
        if pixels.shape[:2] != (level.height, level.width):
            raise DamagedFile(f"{self.path.name} has become another image since it was opened")
        if pixels.shape[2] != self.info.bands or pixels.dtype != self.info.dtype:
            shown = shown.convert({1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[self.info.bands])
            pixels = _array(shown)
        return pixels

    def _shown(self, frame: int) -> Image.Image:
        if self._animation is None:
            with _opened(self.path) as image:
                return _shown(image)
        with self._lock:
            picture = self._pictures[frame]
            if picture < self._animation.tell():  # Pillow fails at going back in an animated PNG
                self._reopen()
            try:
                self._animation.seek(picture)
                return _shown(self._animation)
            except _REFUSED:
                self._reopen()  # else each frame after one that is damaged would be
                raise

    def _reopen(self) -> None:
        assert self._animation is not None
        self._animation.close()
        self._animation = _opened(self.path)


def _opened(path: Path) -> Image.Image:
    Image.init()  # else Pillow knows its most common formats only
    return Image.open(path, formats=[name for name in _FORMATS if name in Image.OPEN])


def _check(image: Image.Image) -> None:
    if image.width * image.height > _MOST_PIXELS:
        raise UnreadableFile(
            f"{image.width:,} x {image.height:,} pixels are more than the {_MOST_PIXELS:,} "
            "that are decoded to memory"
        )


def _pictures(path: Path, image: Image.Image) -> Sequence[int]:
    """Return the numbers of the pictures in the file that are frames."""
    if image.format == "MPO":
        return pictures_alike(path)
    return range(getattr(image, "n_frames", 1) if image.format in _ANIMATED else 1)


def _describe(image: Image.Image, first: Image.Image, frames: int) -> ImageInfo:
    array = _array(first.crop((0, 0, 1, 1)))
    if frames > _MOST_FRAMES:
        raise UnreadableFile(f"{frames:,} frames are not supported")
    level = Level(
        width=first.width, height=first.height,
        tile_width=first.width, tile_height=first.height, tiled=False,
    )  # fmt: skip
    return ImageInfo(
        levels=(level,),
        dtype=array.dtype,
        bands=array.shape[2],
        frames=({},) * frames,
        lossy=image.format in _LOSSY,
        # That of inks, which are shown as RGB, says nothing of the RGB.
        icc_profile=None if image.mode == "CMYK" else image.info.get("icc_profile"),
        internal={"pil": {"format": image.format, "mode": image.mode}},
    )


def _shown(image: Image.Image) -> Image.Image:
    """Return an image the right way up, in grey, RGB or the depth it is stored in."""
    image.load()
    shown = image.convert(_mode(image)) if image.mode not in _PLAIN else image.copy()
    turned = ImageOps.exif_transpose(shown)
    return shown if turned is None else turned


def _mode(image: Image.Image) -> str:
    if image.mode in _CONVERTED:
        return _CONVERTED[image.mode]
    return "RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB"


def _array(image: Image.Image) -> Pixels:
    pixels: Pixels = np.asarray(image)
    return pixels.reshape(image.height, image.width, -1)
