"""The helpers of the documented API under one name; each lives with what it is about."""

from tilesource.encoding import addPILFormatsToOutputOptions
from tilesource.etree import dictToEtree, etreeToDict
from tilesource.frame_textures import getTileFramesQuadInfo
from tilesource.geometry import nearPowerOfTwo
from tilesource.histogram import histogramThreshold
from tilesource.image_bytes import ImageBytes
from tilesource.style.palettes import (
    getAvailableNamedPalettes,
    getPaletteColors,
    isValidPalette,
)

__all__ = [
    "ImageBytes",
    "addPILFormatsToOutputOptions",
    "dictToEtree",
    "etreeToDict",
    "getAvailableNamedPalettes",
    "getPaletteColors",
    "getTileFramesQuadInfo",
    "histogramThreshold",
    "isValidPalette",
    "nearPowerOfTwo",
]
