"""Write an image as a tiled pyramidal BigTIFF, in one pass and with little memory.

Tiles go into the file as they are made; the directories that tell where they lie come after them.
One frame is a chain of pages, finest first, which OpenSlide and libvips read; several frames are
OME-TIFF, each frame's levels in SubIFDs, as its specification has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tilesource.errors import ConversionCanceled
from tilesource.formats.base import Pixels
from tilesource.writing import notes
from tilesource.writing.bigtiff import BigTiffFile, Tag, numbers
from tilesource.writing.codecs import Codec
from tilesource.writing.directories import (
    StoredImage,
    TileIndex,
    page_tags,
    scale_tags,
    store_image,
)
from tilesource.writing.kept import kept_tiles
from tilesource.writing.levels import Place, Shape
from tilesource.writing.picture import Picture
from tilesource.writing.pyramid import steps_of

_LOSSLESS = Codec()


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffOptions:
    """How a TIFF is stored: its tiles, whose side is in pixels, and the form of its notes."""

    codec: Codec = _LOSSLESS
    tile_size: int = 256
    ome: bool = False  # OME-XML even for what needs none


def write_tiff(
    path: Path,
    picture: Picture,
    options: TiffOptions = TiffOptions(),
    progress: Callable[[float], None] = lambda done: None,
    canceled: Callable[[], bool] = lambda: False,
) -> None:
    """Write a picture to a path; after an OSError, or when canceled, part of the file is there."""
    options.codec.check(picture.bands, picture.dtype)
    with path.open("wb") as file:
        writer = _Writer(BigTiffFile(file), picture, options)
        for share in writer.write():
            progress(share)
            if canceled():
                raise ConversionCanceled("the conversion was canceled")


class _Writer:
    """One file that is being written: tile by tile, and the directories of each frame."""

    def __init__(self, file: BigTiffFile, picture: Picture, options: TiffOptions) -> None:
        self._file = file
        self._picture = picture
        self._codec = options.codec
        self._ome = options.ome or notes.is_ome(picture)
        self._shape = Shape(width=picture.width, height=picture.height, tile=options.tile_size)
        self._kept = kept_tiles(picture, options.codec, options.tile_size)
        self._associated = [*self._store_associated()]

    def write(self) -> Iterator[float]:
        """Write the file, yielding the share that is done after each part of it."""
        index = TileIndex(self._shape)
        for step in steps_of(self._picture, self._shape, self._encode_tile):
            for tile in step.tiles:
                index.add(tile, self._file.append(tile.data))
            if step.ends_frame:
                self._finish(step.frame, index)
                index = TileIndex(self._shape)
            yield step.share
        for image in self._associated:
            self._file.add_page(image.tags)

    def _encode_tile(self, frame: int, place: Place, pixels: Pixels) -> bytes:
        if place.level or self._kept is None:
            return self._codec.encode(pixels)
        return self._kept.encode(frame, place, pixels)

    def _finish(self, frame: int, index: TileIndex) -> None:
        """Write the directories of a frame whose tiles are all in the file."""
        pages = [self._level_tags(index, level) for level in range(len(self._shape.sizes))]
        description = b"" if frame else self._description()
        pages[0] += page_tags(description, self._picture.icc_profile)
        if not self._ome:
            for tags in pages:
                self._file.add_page(tags)
            return
        lower = [self._file.add_directory(tags) for tags in pages[1:]]
        sub_ifds = [numbers(330, "Q", lower)] if lower else []
        self._file.add_page([*pages[0], *sub_ifds])

    def _level_tags(self, index: TileIndex, level: int) -> list[Tag]:
        picture = self._picture
        codec = self._codec if level or self._kept is None else self._kept.codec
        return [
            *index.tags(level),
            *codec.tags(picture.bands, picture.dtype),
            *scale_tags(picture.scale, 1 << level),
        ]

    def _description(self) -> bytes:
        if self._ome:
            sizes = {image.name: image.size for image in self._associated}
            return notes.ome(self._picture, sizes)
        return notes.properties(self._picture.scale)

    def _store_associated(self) -> Iterator[StoredImage]:
        """Write the associated images in the kind of form that the tiles have."""
        for name, read in self._picture.associated.items():
            pixels = read()
            if pixels is not None:
                fits = self._codec.fits(pixels.shape[2], pixels.dtype)
                photo = fits and self._codec.compression == "jpeg"
                yield store_image(self._file, name, pixels, self._codec if photo else _LOSSLESS)
