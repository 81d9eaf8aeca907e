"""What of an image goes into its conversion: which frames, in which type, with which images."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

from tilesource.conversion.options import ConversionOptions
from tilesource.conversion.streaming import RowStream
from tilesource.errors import InvalidRequest
from tilesource.formats.base import ImageInfo, Pixels, RawTile, Reader
from tilesource.formats.vips import VipsReader
from tilesource.geometry import Box, Scale
from tilesource.writing.codecs import Codec
from tilesource.writing.fitting import as_storable, without_alpha
from tilesource.writing.picture import Picture


def picture_of(reader: Reader, options: ConversionOptions, codec: Codec) -> Picture:
    """Return an open image as one to write; its pixels are read when they are written."""
    info, base = reader.info, reader.info.levels[0]
    chosen = _chosen(options, len(info.frames))

    read_frame = _reading(reader)

    picture = Picture(
        width=base.width,
        height=base.height,
        bands=info.bands,
        dtype=info.dtype.newbyteorder("="),
        read=lambda frame, box: read_frame(chosen[frame], box),
        frames=_renumbered([info.frames[number] for number in chosen]),
        channels=_channels(info, chosen),
        scale=Scale(magnification=info.magnification, mm_x=info.mm_x, mm_y=info.mm_y),
        in_rows=not base.tiled,
        stored=_stored_tiles(reader, chosen, options.tile_size),
        associated=_associated(reader) if options.associated else {},
        icc_profile=info.icc_profile,
    )
    stored = as_storable(picture)
    return without_alpha(stored) if codec.compression == "jpeg" else stored


def _reading(reader: Reader) -> Callable[[int, Box], Pixels]:
    """Return how a box of a frame is read with the least effort."""
    if isinstance(reader, VipsReader):
        return RowStream(reader).read
    return lambda frame, box: reader.read(0, frame, box.x, box.y, box.width, box.height)


def _chosen(options: ConversionOptions, count: int) -> Sequence[int]:
    if options.frames is None:
        return range(count)
    for number in options.frames:
        if not 0 <= number < count:
            raise InvalidRequest(f"frame {number} is not one of the {count} frames")
    return options.frames


def _renumbered(frames: Sequence[Mapping[str, int]]) -> list[Mapping[str, int]]:
    """Return the frames with the places of each axis counted from 0, without gaps."""
    places = {axis: sorted({frame[axis] for frame in frames}) for axis in frames[0]}
    return [{axis: places[axis].index(frame[axis]) for axis in frame} for frame in frames]


def _channels(info: ImageInfo, chosen: Sequence[int]) -> list[str]:
    """Return the names of the channels that are kept."""
    kept = sorted({info.frames[number].get("c", 0) for number in chosen})
    return [info.channels[place] for place in kept if place < len(info.channels)]


def _stored_tiles(
    reader: Reader, chosen: Sequence[int], side: int
) -> Callable[[int, int, int], RawTile | None] | None:
    """Return where to get the original's tiles, if they are of the wanted size."""
    base = reader.info.levels[0]
    if not base.tiled or (base.tile_width, base.tile_height) != (side, side):
        return None
    return lambda frame, column, row: reader.raw_tile(0, chosen[frame], column, row)


def _associated(reader: Reader) -> dict[str, Callable[[], Pixels | None]]:
    return {
        name: functools.partial(reader.associated_image, name) for name in reader.info.associated
    }
