"""Whole pictures: regions filled up to a size, and small images that are held whole."""

from __future__ import annotations

from tilesource import encoding as enc
from tilesource import reading
from tilesource.canvas import Canvas, View, check_size
from tilesource.constants import TILE_FORMAT_NUMPY
from tilesource.formats.base import Level, Pixels
from tilesource.geometry import Grid, Output, Scale, output_size
from tilesource.request import Request

_TILE = 256  # of an image that is not stored in tiles
_STORED_TILES = range(16, 4097)  # sizes that are fit to be sent one by one


def tile_size(level: Level) -> tuple[int, int]:
    """Return the width and height of the tiles that an image is served in."""
    fit = level.tile_width in _STORED_TILES and level.tile_height in _STORED_TILES
    return (level.tile_width, level.tile_height) if level.tiled and fit else (_TILE, _TILE)


def picture(canvas: Canvas, request: Request, frame: int | None = None) -> Pixels:
    """Return a region of a frame, that of the request if none is named, filled up if wanted."""
    view = canvas.view(request.region, request.output, request.frame if frame is None else frame)
    view = View(
        box=view.box, width=view.width, height=view.height, frame=view.frame, kernel=request.kernel
    )
    for_screen = TILE_FORMAT_NUMPY not in request.delivery.formats
    return _filled(canvas.pixels(view, for_screen=for_screen), request)


def fitted(pixels: Pixels, output: Output) -> Pixels:
    """Return a small image, held whole, no larger than wanted."""
    height, width = pixels.shape[:2]
    grid = Grid(width=width, height=height, tile_width=_TILE, tile_height=_TILE, scale=Scale())
    wanted_width, wanted_height = output_size(grid, grid.whole, output)
    check_size(wanted_width, wanted_height, pixels.shape[2] * pixels.itemsize)
    return reading.reduced(pixels, wanted_width, wanted_height)


def _filled(pixels: Pixels, request: Request) -> Pixels:
    width, height = request.output.max_width, request.output.max_height
    if request.fill is None or not pixels.size or width is None or height is None:
        return pixels
    check_size(width, height, pixels.shape[2] * pixels.itemsize)
    place = enc.fill_to if request.fill.in_corner else enc.centred
    return place(pixels, width, height, request.fill.colour)
