"""Arrays of pixels as encoded bytes, as Pillow images, or as they are."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import imagecodecs
import numpy as np
from PIL import Image

from tilesource import pixels as px
from tilesource.constants import TileOutputMimeTypes, TileOutputPILFormat
from tilesource.errors import InvalidRequest
from tilesource.formats.base import Pixels
from tilesource.image_bytes import ImageBytes
from tilesource.jpeg_encoding import encode_jpeg

_SUBSAMPLING = ("444", "422", "420")
# Compressions of TIFF, by libtiff's and by shorter names -> names of the library's own.
_TIFF_COMPRESSION = {
    "none": "none", "raw": "none", "lzw": "lzw", "tiff_lzw": "lzw", "deflate": "deflate",
    "tiff_adobe_deflate": "deflate", "packbits": "packbits", "jpeg": "jpeg", "zstd": "zstd",
    "webp": "webp", "jp2k": "jp2k",
}  # fmt: skip
# What Pillow calls those that it writes.
_PILLOW_COMPRESSION = {
    "none": "raw", "lzw": "tiff_lzw", "deflate": "tiff_adobe_deflate", "packbits": "packbits",
    "jpeg": "jpeg", "zstd": "zstd",
}  # fmt: skip
_PILLOW_NAMES = {"TILED": "TIFF"}
# What libjpeg, libpng (its default limit) and libwebp encode; a TIFF takes more than we ever have.
_LONGEST_SIDE = {"image/jpeg": 65_500, "image/png": 1_000_000, "image/webp": 16_383}
_JPEG_COLOURS = {1: "GRAY", 3: "RGB", 4: "RGBX"}  # X: a byte that is passed over
# Formats without transparency, without transparent grey, and one of black and white only.
_OPAQUE = ("EPS", "MPO", "PCX", "PPM")
_NO_GREY_ALPHA = ("BMP", "DIB", "SGI")
_BILEVEL = ("XBM",)
# Formats that Pillow writes, but that hold another size or another thing than one picture.
_NO_PICTURES = ("ICNS", "ICO", "PALM", "PDF")
# Each pixel as its difference from what its neighbours predict (Paeth), then runs only: on real
# tiles a quarter of the time of Pillow's defaults, at the same size.
_PNG = {"level": 1, "strategy": 3, "filter": 128}


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How pixels become bytes; checked when it is built.

    Where an encoding has no transparency, pixels are shown on white, or else without their alpha:
    what a style leaves out of fluorescence is dark and not white.
    """

    name: str = "JPEG"
    quality: int = 95
    subsampling: int = 0
    tiff_compression: str = "raw"
    on_white: bool = True

    def __post_init__(self) -> None:
        if self.name not in TileOutputMimeTypes:
            known = ", ".join(TileOutputMimeTypes)
            raise InvalidRequest(f"encoding is one of {known}, not {self.name!r}")
        if not isinstance(self.quality, int) or not 1 <= self.quality <= 100:
            raise InvalidRequest(f"JPEG quality is 1 to 100, not {self.quality!r}")
        if self.subsampling not in (0, 1, 2):
            raise InvalidRequest(f"JPEG subsampling is 0, 1 or 2, not {self.subsampling!r}")
        if self.tiff_compression not in _TIFF_COMPRESSION:
            known = ", ".join(_TIFF_COMPRESSION)
            wanted = self.tiff_compression
            raise InvalidRequest(f"TIFF compression is one of {known}, not {wanted!r}")

    @property
    def mime(self) -> str:
        """Return the MIME type of the bytes."""
        return TileOutputMimeTypes[self.name]

    @property
    def compression(self) -> str:
        """Return the compression of a TIFF under the name that `writing` has for it."""
        return _TIFF_COMPRESSION[self.tiff_compression]

    @property
    def sampling(self) -> str:
        """Return the colour subsampling of JPEG as 444, 422 or 420."""
        return _SUBSAMPLING[self.subsampling]


def addPILFormatsToOutputOptions() -> None:
    """Make every encoding that Pillow can write one of those that can be asked for."""
    Image.init()
    for name in Image.SAVE:
        if name in Image.MIME and name not in _NO_PICTURES:
            TileOutputMimeTypes.setdefault(name, Image.MIME[name])
    for extension, name in Image.EXTENSION.items():
        if name in TileOutputMimeTypes:
            TileOutputPILFormat.setdefault(extension.lstrip("."), name)


addPILFormatsToOutputOptions()
JPEG = Encoding()


def encode(pixels: Pixels, encoding: Encoding) -> ImageBytes:
    """Return the pixels as the bytes of an image file: of 8 bits a band, but deep grey as TIFF."""
    _check_sides(pixels, encoding)
    shown = pixels if _fits(pixels, encoding) else _for_screen(pixels)
    if encoding.mime == "image/jpeg":
        data = _jpeg(shown, encoding)
    elif encoding.name == "PNG":
        data = _png(shown)
    elif encoding.name == "JPEG2000":
        data = _jpeg_2000(shown)
    else:
        data = _with_pillow(shown, encoding)
    return ImageBytes(data, encoding.mime)


def to_pil(pixels: Pixels) -> Image.Image:
    """Return the pixels, at 8 bits a band, as a Pillow image."""
    return _image(_for_screen(pixels))


def fill_to(pixels: Pixels, width: int, height: int, colour: str | Sequence[float] = ()) -> Pixels:
    """Return the pixels at the top left of a larger area: black, as `#rrggbb`, or like a pixel."""
    if pixels.shape[:2] == (height, width):
        return pixels
    out = np.zeros((height, width, pixels.shape[2]), pixels.dtype)
    if colour:
        out[:] = _colour(colour, pixels) if isinstance(colour, str) else colour
    out[: pixels.shape[0], : pixels.shape[1]] = pixels
    return out


def centred(pixels: Pixels, width: int, height: int, colour: str) -> Pixels:
    """Return the pixels in the middle of a larger area of a colour as `#rrggbb`."""
    top, left = (height - pixels.shape[0]) // 2, (width - pixels.shape[1]) // 2
    out = np.empty((height, width, pixels.shape[2]), pixels.dtype)
    out[:] = _colour(colour, pixels)
    out[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return out


def _image(pixels: Pixels) -> Image.Image:
    return Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)


def _fits(pixels: Pixels, encoding: Encoding) -> bool:
    """Tell whether pixels of 16 bits can be written as they are."""
    is_deep_grey = pixels.dtype == np.uint16 and pixels.shape[2] == 1
    return is_deep_grey and encoding.mime == "image/tiff" and encoding.compression != "jpeg"


def _for_screen(pixels: Pixels) -> Pixels:
    """Return 1 to 4 bands of 8 bits; of more bands, the first three are shown as RGB."""
    bands = pixels if pixels.shape[2] <= 4 else pixels[..., :3].copy()
    return np.ascontiguousarray(px.to_uint8(bands))


def _jpeg(pixels: Pixels, encoding: Encoding) -> bytes:
    as_it_is = pixels.shape[2] == 4 and not (encoding.on_white and pixels[..., 3].min() < 255)
    opaque = pixels if as_it_is else np.ascontiguousarray(_opaque(pixels, encoding))
    colours = _JPEG_COLOURS[opaque.shape[2]]
    sampling = "Gray" if colours == "GRAY" else encoding.sampling
    return encode_jpeg(opaque, encoding.quality, colours, sampling)


def _opaque(pixels: Pixels, encoding: Encoding) -> Pixels:
    if encoding.on_white or pixels.shape[2] in (1, 3):
        return on_white(pixels)
    return pixels[..., :-1]


def on_white(pixels: Pixels) -> Pixels:
    """Return 8-bit pixels without alpha, as they look on white: JPEG has no transparency."""
    if pixels.shape[2] in (1, 3):
        return pixels
    alpha = pixels[..., -1:].astype(np.uint16)
    mixed = pixels[..., :-1] * alpha + 255 * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)


def _png(pixels: Pixels) -> bytes:
    # imagecodecs reserves too little for noise in narrow images, whose rows are mostly overhead.
    room = (pixels.nbytes + pixels.shape[0]) * 9 // 8 + 4096
    shown = pixels[..., 0] if pixels.shape[2] == 1 else pixels
    return bytes(imagecodecs.png_encode(shown, out=room, **_PNG))


def _jpeg_2000(pixels: Pixels) -> bytes:
    # Pillow's encoder holds the interpreter lock for as long as it works, so that nobody else does.
    shown = pixels[..., 0] if pixels.shape[2] == 1 else pixels
    return bytes(imagecodecs.jpeg2k_encode(shown, codecformat="jp2"))


def _check_sides(pixels: Pixels, encoding: Encoding) -> None:
    height, width = pixels.shape[:2]
    is_jpeg = encoding.mime == "image/tiff" and encoding.compression == "jpeg"
    longest = _LONGEST_SIDE.get("image/jpeg" if is_jpeg else encoding.mime)
    if longest is not None and max(width, height) > longest:
        raise InvalidRequest(
            f"an image of {width} x {height} pixels is too large to be encoded as "
            f"{encoding.name}, which has sides of up to {longest}"
        )


def _with_pillow(pixels: Pixels, encoding: Encoding) -> bytes:
    out, image = io.BytesIO(), _in_mode_of(encoding, pixels)
    options: dict[str, object] = {"quality": encoding.quality}
    if encoding.mime == "image/tiff":
        options = {"compression": _pillow_compression(encoding)}
    try:
        image.save(out, _PILLOW_NAMES.get(encoding.name, encoding.name), **options)
    except (OSError, ValueError, KeyError) as exc:
        raise InvalidRequest(f"Pillow cannot write it as {encoding.name}: {exc}") from exc
    return out.getvalue()


def _in_mode_of(encoding: Encoding, pixels: Pixels) -> Image.Image:
    """Return the pixels as an image of a mode that Pillow can write in a format."""
    if encoding.name in _BILEVEL:
        return _image(_opaque(pixels, encoding)).convert("1")
    image = _image(_opaque(pixels, encoding) if encoding.name in _OPAQUE else pixels)
    is_refused = image.mode == "LA" and encoding.name in _NO_GREY_ALPHA
    return image.convert("RGBA") if is_refused else image


def _pillow_compression(encoding: Encoding) -> str:
    compression = encoding.compression
    if compression not in _PILLOW_COMPRESSION:
        raise InvalidRequest(f"{compression} is a compression of TILED, not of {encoding.name}")
    return _PILLOW_COMPRESSION[compression]


def _colour(text: str, pixels: Pixels) -> list[int]:
    """Return a colour as one value a band of 8 bits, scaled to deeper types without a sign."""
    rgb = [int(text[place : place + 2], 16) for place in (1, 3, 5)]
    bands = pixels.shape[2]
    values = [sum(rgb) // 3, 255][:bands] if bands < 3 else [*rgb, 255, *[0] * bands][:bands]
    if pixels.dtype.kind == "f":
        return values
    most = int(np.iinfo(pixels.dtype).max)
    factor = most // 255 if pixels.dtype.kind == "u" else 1
    return [min(value * factor, most) for value in values]
