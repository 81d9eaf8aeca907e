"""A region of any size as a tiled, pyramidal TIFF, written while it is read."""

from __future__ import annotations

from pathlib import Path

from tilesource.canvas import Canvas, View
from tilesource.encoding import Encoding
from tilesource.errors import InvalidRequest
from tilesource.formats.base import Pixels
from tilesource.geometry import Box
from tilesource.writing.picture import Picture
from tilesource.writing.temporary import write_temporary


def write_tiled(canvas: Canvas, view: View, encoding: Encoding) -> Path:
    """Return the path of a new, temporary file; whoever asked for it removes it."""
    if not view.width:
        raise InvalidRequest("the region is empty, which no image file can be")
    corner = canvas.pixels(view, Box(x=0, y=0, width=1, height=1))

    def read(frame: int, box: Box) -> Pixels:
        return canvas.pixels(view, box)

    corrected = canvas.renderer.has_style
    picture = Picture(
        width=view.width, height=view.height, bands=corner.shape[2], dtype=corner.dtype, read=read,
        scale=canvas.grid.scale.coarser(view.box.width / view.width),
        icc_profile=None if corrected else canvas.info.icc_profile,
    )  # fmt: skip
    return write_temporary(picture, encoding)
