"""Pixels in the form a caller takes: an array, a Pillow image, or encoded bytes."""

from __future__ import annotations

from typing import Any

from tilesource import encoding as enc
from tilesource.constants import TILE_FORMAT_IMAGE, TILE_FORMAT_NUMPY, TILE_FORMAT_PIL
from tilesource.errors import InvalidRequest
from tilesource.formats.base import Pixels
from tilesource.request import Delivery


def deliver(pixels: Pixels, delivery: Delivery) -> tuple[Any, str]:
    """Return the pixels in the best format that is taken, and its MIME type or its name."""
    if TILE_FORMAT_NUMPY in delivery.formats:
        return pixels, TILE_FORMAT_NUMPY
    if TILE_FORMAT_PIL in delivery.formats:
        return enc.to_pil(pixels), TILE_FORMAT_PIL
    if not pixels.size:
        raise InvalidRequest("the region is empty, which no image file can be")
    return enc.encode(pixels, delivery.encoding), delivery.encoding.mime


def tile_format(delivery: Delivery) -> str:
    """Return the name of the format that deliver will choose."""
    formats = (TILE_FORMAT_NUMPY, TILE_FORMAT_PIL, TILE_FORMAT_IMAGE)
    return next(name for name in formats if name in delivery.formats)
