"""Write an image of any format as a tiled pyramidal TIFF."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tilesource.conversion.options import DEFAULTS, ConversionOptions
from tilesource.conversion.original import picture_of
from tilesource.opening import open as open_source
from tilesource.writing.files import replacing
from tilesource.writing.tiff import TiffOptions, write_tiff


def convert(
    source: str | os.PathLike[str],
    destination: str | os.PathLike[str],
    options: ConversionOptions = DEFAULTS,
    progress: Callable[[float], None] = lambda done: None,
    canceled: Callable[[], bool] = lambda: False,
) -> None:
    """Write the image at a path as a tiled pyramidal TIFF at another, with all its frames.

    `progress` gets the share that is done, 0 to 1. When `canceled` returns True, or anything goes
    wrong, no file is left and ConversionCanceled or TileSourceError is raised.
    """
    with replacing(Path(destination)) as partial, open_source(source) as opened:
        codec = options.codec(opened.reader.info)
        how = TiffOptions(codec=codec, tile_size=options.tile_size)
        write_tiff(partial, picture_of(opened.reader, options, codec), how, progress, canceled)
    progress(1.0)
