"""All tiles of all levels of a picture, frame by frame, encoded in parallel."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tilesource.formats.base import Pixels
from tilesource.writing.blocks import Block, blocks_of, count_of, depth_of, in_order
from tilesource.writing.levels import (
    EncodedBlock,
    EncodedTile,
    Place,
    Shape,
    Waiting,
    encode_block,
)
from tilesource.writing.picture import Picture

# Makes the stored bytes of a tile out of its frame, its place and its pixels.
EncodeTile = Callable[[int, Place, Pixels], bytes]


@dataclass(frozen=True, slots=True)
class Step:
    """The tiles that a block of a frame completes, and the share of all that is done then."""

    frame: int
    tiles: Iterator[EncodedTile]
    ends_frame: bool
    share: float


def steps_of(picture: Picture, shape: Shape, encode: EncodeTile) -> Iterator[Step]:
    """Yield the tiles of a picture block by block; those of a step are taken before the next."""
    depth = depth_of(picture, shape.tile)
    side = shape.tile << depth
    total = count_of(picture, side)
    in_frame = total // len(picture.frames)

    def work(block: Block) -> EncodedBlock:
        pixels = picture.read(block.frame, block.box) if block.pixels is None else block.pixels
        made = functools.partial(encode, block.frame)
        return encode_block(shape, depth, block.box, pixels, made)

    for done, made in enumerate(in_order(blocks_of(picture, side), work)):
        frame, place = divmod(done, in_frame)
        if not place:
            waiting = Waiting(shape, functools.partial(encode, frame))
        ends = place == in_frame - 1
        yield Step(frame, waiting.add(made), ends, (done + 1) / total)
