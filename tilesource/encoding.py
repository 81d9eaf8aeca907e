"""Arrays of pixels as encoded bytes, as Pillow images, or as they are."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import imagecodecs
import numpy as np
import simplejpeg
from PIL import Image

from tilesource import pixels as px
from tilesource.constants import TileOutputMimeTypes
from tilesource.errors import InvalidRequest
from tilesource.formats.base import Pixels

_SUBSAMPLING = ("444", "422", "420")
# TIFF compressions under the names of the documented API -> Pillow's.
_TIFF_COMPRESSION = {
    "none": "raw", "raw": "raw", "lzw": "tiff_lzw", "tiff_lzw": "tiff_lzw",
    "deflate": "tiff_adobe_deflate", "tiff_adobe_deflate": "tiff_adobe_deflate",
    "packbits": "packbits", "jpeg": "jpeg",
}  # fmt: skip
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
# zlib's level 1 makes tiles a few percent larger than 6 and takes a third of the time.
_PNG_LEVEL = 1
# What libjpeg, libpng (its default limit) and libwebp encode; a TIFF takes more than we ever have.
_LONGEST_SIDE = {"image/jpeg": 65_500, "image/png": 1_000_000, "image/webp": 16_383}


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How pixels become bytes; checked when it is built."""

    name: str = "JPEG"
    quality: int = 95
    subsampling: int = 0
    tiff_compression: str = "raw"

    def __post_init__(self) -> None:
        if self.name not in TileOutputMimeTypes:
            known = ", ".join(TileOutputMimeTypes)
            raise InvalidRequest(f"encoding is one of {known}, not {self.name!r}")
        if not 1 <= self.quality <= 100:
            raise InvalidRequest(f"JPEG quality is 1 to 100, not {self.quality}")
        if self.subsampling not in (0, 1, 2):
            raise InvalidRequest(f"JPEG subsampling is 0, 1 or 2, not {self.subsampling}")
        if self.tiff_compression not in _TIFF_COMPRESSION:
            known = ", ".join(_TIFF_COMPRESSION)
            wanted = self.tiff_compression
            raise InvalidRequest(f"TIFF compression is one of {known}, not {wanted!r}")

    @property
    def mime(self) -> str:
        """Return the MIME type of the bytes."""
        return TileOutputMimeTypes[self.name]


JPEG = Encoding()


def encode(pixels: Pixels, encoding: Encoding) -> bytes:
    """Return the pixels, at 8 bits a band, as the bytes of an image file."""
    _check_sides(pixels, encoding)
    shown = _for_screen(pixels)
    if encoding.mime == "image/jpeg":
        return _jpeg(shown, encoding)
    if encoding.name == "PNG":
        return _png(shown)
    return _with_pillow(shown, encoding)


def to_pil(pixels: Pixels) -> Image.Image:
    """Return the pixels, at 8 bits a band, as a Pillow image."""
    shown = _for_screen(pixels)
    return Image.fromarray(shown[..., 0] if shown.shape[2] == 1 else shown, _MODES[shown.shape[2]])


def fill_to(pixels: Pixels, width: int, height: int, colour: str | None = None) -> Pixels:
    """Return the pixels at the top left of a larger area, black or of a colour as `#rrggbb`."""
    if pixels.shape[:2] == (height, width):
        return pixels
    out = np.zeros((height, width, pixels.shape[2]), pixels.dtype)
    if colour:
        out[:] = _colour(colour, pixels)
    out[: pixels.shape[0], : pixels.shape[1]] = pixels
    return out


def centred(pixels: Pixels, width: int, height: int, colour: str) -> Pixels:
    """Return the pixels in the middle of a larger area of a colour as `#rrggbb`."""
    top, left = (height - pixels.shape[0]) // 2, (width - pixels.shape[1]) // 2
    out = np.empty((height, width, pixels.shape[2]), pixels.dtype)
    out[:] = _colour(colour, pixels)
    out[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return out


def check_colour(text: str) -> str:
    """Return the text if it is a colour as `#rrggbb`."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise InvalidRequest(f"a colour is written as #rrggbb, not {text!r}")
    return text


def _for_screen(pixels: Pixels) -> Pixels:
    """Return 1 to 4 bands of 8 bits; of more bands, the first three are shown as RGB."""
    bands = pixels if pixels.shape[2] <= 4 else pixels[..., :3]
    return np.ascontiguousarray(px.to_uint8(bands))


def _check_sides(pixels: Pixels, encoding: Encoding) -> None:
    height, width = pixels.shape[:2]
    is_jpeg = encoding.mime == "image/tiff" and encoding.tiff_compression == "jpeg"
    longest = _LONGEST_SIDE.get("image/jpeg" if is_jpeg else encoding.mime)
    if longest is not None and max(width, height) > longest:
        raise InvalidRequest(
            f"an image of {width} x {height} pixels is too large to be encoded as "
            f"{encoding.name}, which has sides of up to {longest}"
        )


def _png(pixels: Pixels) -> bytes:
    # imagecodecs reserves too little for noise in narrow images, whose rows are mostly overhead.
    room = (pixels.nbytes + pixels.shape[0]) * 9 // 8 + 4096
    return bytes(imagecodecs.png_encode(pixels, level=_PNG_LEVEL, out=room))


def _jpeg(pixels: Pixels, encoding: Encoding) -> bytes:
    opaque = np.ascontiguousarray(_on_white(pixels))
    colours = "GRAY" if opaque.shape[2] == 1 else "RGB"
    sampling = "Gray" if colours == "GRAY" else _SUBSAMPLING[encoding.subsampling]
    return bytes(
        simplejpeg.encode_jpeg(
            opaque, quality=encoding.quality, colorspace=colours, colorsubsampling=sampling
        )
    )


def _on_white(pixels: Pixels) -> Pixels:
    """Return the pixels without alpha, as they look on white: JPEG has no transparency."""
    if pixels.shape[2] in (1, 3):
        return pixels
    alpha = pixels[..., -1:].astype(np.uint16)
    mixed = pixels[..., :-1] * alpha + 255 * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)


def _with_pillow(pixels: Pixels, encoding: Encoding) -> bytes:
    out = io.BytesIO()
    image = to_pil(pixels)
    if encoding.mime == "image/tiff":
        image.save(out, "TIFF", compression=_TIFF_COMPRESSION[encoding.tiff_compression])
    else:
        image.save(out, encoding.name, quality=encoding.quality)
    return out.getvalue()


def _colour(text: str, pixels: Pixels) -> list[int]:
    """Return a colour as one value a band of 8-bit pixels; deeper types are scaled to it."""
    rgb = [int(text[place : place + 2], 16) for place in (1, 3, 5)]
    bands = pixels.shape[2]
    values = [sum(rgb) // 3, 255][:bands] if bands < 3 else [*rgb, 255, *[0] * bands][:bands]
    factor = np.iinfo(pixels.dtype).max // 255 if pixels.dtype.kind == "u" else 1
    return [value * factor for value in values]
