"""A picture as a temporary TIFF, in the form that an encoding asks for."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tilesource.encoding import Encoding
from tilesource.writing.codecs import LOSSY, Codec
from tilesource.writing.files import remove, replacing
from tilesource.writing.fitting import as_storable, for_screen, in_colour, without_alpha
from tilesource.writing.picture import Picture
from tilesource.writing.tiff import TiffOptions, write_tiff


def write_temporary(picture: Picture, encoding: Encoding) -> Path:
    """Return the path of a new file that holds a tiled pyramid; the caller removes it."""
    codec = Codec(
        compression=encoding.compression, quality=encoding.quality, subsampling=encoding.sampling
    )
    fitted = _fitted(as_storable(picture), codec)
    codec.check(fitted.bands, fitted.dtype)
    handle, name = tempfile.mkstemp(prefix="tilesource-", suffix=".tiff")
    os.close(handle)
    try:
        with replacing(Path(name)) as partial:
            write_tiff(partial, fitted, TiffOptions(codec=codec))
    except BaseException:
        remove(Path(name))
        raise
    return Path(name)


def _fitted(picture: Picture, codec: Codec) -> Picture:
    """Return the picture as a lossy compression takes it: at 8 bits, in RGB for WebP."""
    if codec.compression not in LOSSY:
        return picture
    shown = for_screen(picture)
    if codec.compression == "jpeg":
        return without_alpha(shown)
    return in_colour(shown) if codec.compression == "webp" else shown
