"""Tiles as the bytes that a TIFF stores, and the tags that tell a reader how to decode them.

Sources: TIFF 6.0; Adobe Photoshop TIFF Technical Notes (deflate, predictors); libtiff's registry
of private compressions (zstd, WebP); TIFF Technical Note 2 (JPEG).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import imagecodecs
import numpy as np

from tilesource.errors import InvalidRequest
from tilesource.formats.base import Pixels
from tilesource.writing.bigtiff import Tag, numbers

COMPRESSIONS = ("none", "lzw", "deflate", "zstd", "jpeg", "webp", "packbits", "jp2k")
LOSSY = ("jpeg", "webp", "jp2k")

_CODES = {
    "none": 1, "lzw": 5, "jpeg": 7, "deflate": 8, "packbits": 32773,
    "jp2k": 34712, "zstd": 50000, "webp": 50001,
}  # fmt: skip
_DIFFERENCED = ("lzw", "deflate", "zstd")
# libdeflate's 6 is as fast as zlib's 1 and packs as zlib's 6; zstd gains nothing beyond 3.
_LEVELS = {"deflate": 6, "zstd": 3}
_GREY, _RGB, _YCBCR = 1, 2, 6  # tag 262
_KINDS = {"u": 1, "i": 2, "f": 3}  # tag 339
_UNKNOWN_BAND, _ALPHA_BAND = 0, 2  # tag 338; alpha that colours are not multiplied by
_SUBSAMPLING = {"444": (1, 1), "422": (2, 1), "440": (1, 2), "420": (2, 2), "411": (4, 1)}
# Below it, half of the colour resolution is no loss beside that of the quality itself.
_FINE_QUALITY = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """How tiles are stored; quality is 1 to 100 where the compression loses something."""

    compression: str = "deflate"
    quality: int = 90
    subsampling: str | None = None  # of JPEG: 444, 422 or 420; by the quality if not given
    colours: str = "YCbCr"  # of JPEG; RGB where tiles of another file are kept that are RGB

    def __post_init__(self) -> None:
        if self.compression not in COMPRESSIONS:
            known = ", ".join(COMPRESSIONS)
            raise InvalidRequest(f"compression is one of {known}, not {self.compression!r}")
        if not 1 <= self.quality <= 100:
            raise InvalidRequest(f"quality is 1 to 100, not {self.quality}")

    @property
    def sampling(self) -> str:
        """Return the colour subsampling of JPEG tiles."""
        return self.subsampling or ("444" if self.quality >= _FINE_QUALITY else "420")

    def check(self, bands: int, dtype: np.dtype[Any]) -> None:
        """Refuse pixels that the compression has no form for."""
        if dtype.kind not in _KINDS:
            raise InvalidRequest(f"TIFF has no pixels of the type {dtype}")
        if not self.fits(bands, dtype):
            told = _FITS[self.compression].text
            raise InvalidRequest(f"{self.compression} stores {told}, not {bands} bands of {dtype}")

    def fits(self, bands: int, dtype: np.dtype[Any]) -> bool:
        """Tell whether the compression has a form for such pixels."""
        fit = _FITS.get(self.compression)
        return fit is None or (bands in fit.bands and dtype.name in fit.dtypes)

    def encode(self, pixels: Pixels) -> bytes:
        """Return a tile (height, width, bands) as stored bytes."""
        native = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<"))
        if self.compression in _DIFFERENCED:
            native = _differences(native)
        return bytes(_ENCODERS[self.compression](self, native))

    def tags(self, bands: int, dtype: np.dtype[Any]) -> list[Tag]:
        """Return what a reader must know to decode the tiles."""
        tags = [
            numbers(258, "H", [8 * dtype.itemsize] * bands),
            numbers(259, "H", [_CODES[self.compression]]),
            numbers(277, "H", [bands]),
            numbers(284, "H", [1]),  # the bands of a pixel lie together
            numbers(339, "H", [_KINDS[dtype.kind]] * bands),
            *self._colour_tags(bands),
        ]
        if self.compression in _DIFFERENCED:
            tags.append(numbers(317, "H", [3 if dtype.kind == "f" else 2]))
        return tags

    def _colour_tags(self, bands: int) -> list[Tag]:
        """Return what the bands mean: grey, RGB, either with alpha, or unknown ones."""
        if self.compression == "jpeg" and bands == 3 and self.colours == "YCbCr":
            return [numbers(262, "H", [_YCBCR]), numbers(530, "H", _SUBSAMPLING[self.sampling])]
        if bands in (1, 3):
            return [numbers(262, "H", [_GREY if bands == 1 else _RGB])]
        if bands in (2, 4):
            meaning = _GREY if bands == 2 else _RGB
            return [numbers(262, "H", [meaning]), numbers(338, "H", [_ALPHA_BAND])]
        return [numbers(262, "H", [_GREY]), numbers(338, "H", [_UNKNOWN_BAND] * (bands - 1))]


@dataclass(frozen=True, slots=True)
class _Fit:
    """What pixels a compression can store."""

    bands: tuple[int, ...]
    dtypes: tuple[str, ...]
    text: str


_FITS = {
    "jpeg": _Fit((1, 3), ("uint8",), "1 or 3 bands of uint8"),
    "webp": _Fit((3, 4), ("uint8",), "3 or 4 bands of uint8"),
    "jp2k": _Fit((1, 3, 4), ("uint8", "uint16"), "1, 3 or 4 bands of uint8 or uint16"),
}


def _differences(pixels: Pixels) -> Pixels:
    """Return each pixel as its difference from its neighbour on the left, which packs better."""
    if pixels.dtype.kind == "f":
        return np.asarray(imagecodecs.floatpred_encode(pixels, axis=-2, dist=1))
    return np.asarray(imagecodecs.delta_encode(pixels, axis=-2, dist=1))


def _jpeg(codec: Codec, pixels: Pixels) -> bytes | bytearray:
    if pixels.shape[2] == 1:
        return imagecodecs.jpeg8_encode(pixels[..., 0], codec.quality)
    stored = "rgb" if codec.colours == "RGB" else "ycbcr"
    return imagecodecs.jpeg8_encode(
        pixels, codec.quality, colorspace="rgb", outcolorspace=stored, subsampling=codec.sampling
    )


def _webp(codec: Codec, pixels: Pixels) -> bytes:
    return bytes(imagecodecs.webp_encode(pixels, codec.quality, lossless=codec.quality == 100))


def _jpeg2000(codec: Codec, pixels: Pixels) -> bytes:
    """Encode for a signal-to-noise ratio in dB, half the quality; 100 loses nothing."""
    lossless = codec.quality == 100
    shown = pixels[..., 0] if pixels.shape[2] == 1 else pixels
    return bytes(
        imagecodecs.jpeg2k_encode(
            shown, 0 if lossless else codec.quality // 2, codecformat="j2k", reversible=lossless
        )
    )


def _packed(name: str) -> Callable[[Codec, Pixels], bytes | bytearray]:
    encode = getattr(imagecodecs, f"{name}_encode")
    return lambda codec, pixels: encode(pixels, _LEVELS[name])


_ENCODERS: dict[str, Callable[[Codec, Pixels], bytes | bytearray]] = {
    "none": lambda codec, pixels: pixels.tobytes(),
    "lzw": lambda codec, pixels: imagecodecs.lzw_encode(pixels.tobytes()),
    "deflate": _packed("deflate"),
    "zstd": _packed("zstd"),
    "packbits": lambda codec, pixels: imagecodecs.packbits_encode(pixels, axis=-2),
    "jpeg": _jpeg,
    "webp": _webp,
    "jp2k": _jpeg2000,
}
