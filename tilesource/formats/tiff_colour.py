"""From the samples that a TIFF stores to grey, RGB or the file's own bands.

Source: TIFF 6.0, PhotometricInterpretation (tag 262) and the sections on CMYK, YCbCr and CIE
L*a*b*, of which Pillow converts to sRGB what has 8 bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tifffile
from PIL import Image

from tilesource.errors import DamagedFile, UnreadableFile
from tilesource.formats.base import Pixels

_PHOTO = tifffile.PHOTOMETRIC
_COMPRESSION = tifffile.COMPRESSION
_AS_STORED = (_PHOTO.MINISWHITE, _PHOTO.MINISBLACK, _PHOTO.RGB, _PHOTO.CFA)
_JPEGS = (_COMPRESSION.JPEG, _COMPRESSION.ALT_JPEG, _COMPRESSION.JPEG_LOSSY)
# Codecs that give RGB, whatever colours they store.
_RGB_CODECS = (*_JPEGS, _COMPRESSION.WEBP, _COMPRESSION.JPEGXR_NDPI)
_KINDS = "buif"


class TiffColour:
    """How the samples of a page become pixels, checked before any is read."""

    def __init__(self, key: Any) -> None:
        self._photometric = key.photometric
        self._samples = key.samplesperpixel
        self._bits = key.bitspersample if isinstance(key.bitspersample, int) else 0
        self._table = _table(key) if key.photometric == _PHOTO.PALETTE else None
        self._is_ycc = _is_ycc(key)
        self._check(key)
        self.bands: int = _bands(key)
        self.dtype = self._dtype(key.dtype)

    def shown(self, pixels: Pixels) -> Pixels:
        """Return stored samples (height, width, samples) as pixels (height, width, bands)."""
        if self._table is not None:
            shown: Pixels = self._table.take(pixels[..., 0].astype(np.intp), axis=0, mode="clip")
            return shown
        if self._photometric == _PHOTO.SEPARATED:
            return _rgb_of_cmyk(pixels)
        if self._is_ycc or self._photometric == _PHOTO.CIELAB:
            return _rgb_of(pixels, "YCbCr" if self._is_ycc else "LAB")
        if self._photometric == _PHOTO.MINISWHITE and pixels.dtype.kind in "bu":
            pixels = _inverted(pixels, self._bits)
        return self._full_range(pixels)

    def _check(self, key: Any) -> None:
        photometric = key.photometric
        if key.planarconfig not in tuple(tifffile.PLANARCONFIG):
            raise DamagedFile(f"it orders its samples in an unknown way, {key.planarconfig}")
        if key.dtype is None or np.dtype(key.dtype).kind not in _KINDS:
            raise UnreadableFile(f"TIFF samples of {key.bitspersample} bits are not supported")
        if photometric == _PHOTO.SEPARATED:
            known = key.samplesperpixel == 4 and key.dtype in (np.uint8, np.uint16)
        elif photometric == _PHOTO.YCBCR:
            is_whole = not key.is_subsampled and _has_three_bytes(key)
            known = key.compression in _RGB_CODECS or is_whole
        elif photometric == _PHOTO.CIELAB:
            known = key.compression not in _RGB_CODECS and _has_three_bytes(key)
        else:
            known = photometric in _AS_STORED or self._table is not None
        if not known:
            raise UnreadableFile(f"TIFF pixels of the kind {photometric!s} are not supported")

    def _dtype(self, stored: Any) -> np.dtype[Any]:
        is_shallow = self._table is not None or 0 < self._bits < 8
        dtype: np.dtype[Any] = np.dtype(stored).newbyteorder("=")
        return np.dtype(np.uint8) if is_shallow or dtype.kind == "b" else dtype

    def _full_range(self, pixels: Pixels) -> Pixels:
        """Return samples of less than 8 bits, which no array has, over the range of 8."""
        if pixels.dtype == bool or self._bits == 1:
            return np.multiply(pixels, 255, dtype=np.uint8)
        if 1 < self._bits < 8 and pixels.dtype == np.uint8:
            most = (1 << self._bits) - 1
            pixels = (pixels.astype(np.uint16) * 255 // most).astype(np.uint8)
        return pixels


def _table(key: Any) -> Pixels:
    """Return the colours of a palette; some writers give them 8 bits, not the 16 of the norm."""
    colours = np.asarray(key.colormap)
    if colours.ndim != 2 or colours.shape[0] != 3 or not colours.size:
        raise DamagedFile("the TIFF's palette is damaged")
    deep = colours.max() > 255
    table: Pixels = np.ascontiguousarray((colours >> 8 if deep else colours).astype(np.uint8).T)
    return table


def _has_three_bytes(key: Any) -> bool:
    """Tell whether pixels are what Pillow converts to RGB."""
    return bool(key.dtype == np.uint8 and key.samplesperpixel == 3)


def _rgb_of(pixels: Pixels, mode: str) -> Pixels:
    """Return the colours of samples in a Pillow mode of three bands."""
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels), mode).convert("RGB"))


def _is_ycc(key: Any) -> bool:
    if key.samplesperpixel != 3:
        return False
    if key.compression == _COMPRESSION.APERIO_JP2000_YCBC:
        return True
    return bool(key.photometric == _PHOTO.YCBCR and key.compression not in _RGB_CODECS)


def _bands(key: Any) -> int:
    if key.photometric in (_PHOTO.PALETTE, _PHOTO.SEPARATED):
        return 3
    return int(key.samplesperpixel)


def _inverted(pixels: Pixels, bits: int) -> Pixels:
    if pixels.dtype == bool:
        return ~pixels
    most = (1 << bits) - 1 if bits else np.iinfo(pixels.dtype).max
    inverted: Pixels = np.subtract(pixels.dtype.type(most), pixels)
    return inverted


def _rgb_of_cmyk(pixels: Pixels) -> Pixels:
    """Return the colours that inks leave of white; without a profile, no one knows them better."""
    most = np.uint32(np.iinfo(pixels.dtype).max)
    left = most - pixels.astype(np.uint32)
    # In 16 bits the product takes the whole of uint32, and its half still fits.
    rgb: Pixels = (left[..., :3] * left[..., 3:4] + most // 2) // most
    return rgb.astype(pixels.dtype)
