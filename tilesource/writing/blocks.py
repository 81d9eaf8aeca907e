"""An image cut into blocks that are read and encoded in parallel, a few ahead of the writer."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TypeVar

from tilesource.formats.base import Pixels
from tilesource.geometry import Box
from tilesource.parallel import Pool
from tilesource.writing.picture import Picture

_CORES = os.cpu_count() or 1
_POOL = Pool(_CORES, "encode")
# Blocks are large enough that reading around them costs little, and small enough to hold several.
_SIDE = 1024
_BLOCK_BYTES = 1 << 25
_ROWS_BYTES = 1 << 24

Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a frame; its pixels, if they had to be read in order."""

    frame: int
    box: Box
    pixels: Pixels | None = None


def depth_of(picture: Picture, tile: int) -> int:
    """Return how many times the side of a tile is doubled to make a block."""
    pixel = picture.bands * picture.dtype.itemsize
    depth = 0
    while _fits(picture, tile << (depth + 1), pixel):
        depth += 1
    return depth


def _fits(picture: Picture, side: int, pixel: int) -> bool:
    if picture.in_rows and min(side, picture.height) * picture.width * pixel > _ROWS_BYTES:
        return False
    return side <= _SIDE and side * side * pixel <= _BLOCK_BYTES


def count_of(picture: Picture, side: int) -> int:
    """Return how many blocks all frames have."""
    return len(picture.frames) * -(-picture.width // side) * -(-picture.height // side)


def blocks_of(picture: Picture, side: int) -> Generator[Block, None, None]:
    """Yield the blocks of all frames, frame by frame and row by row."""
    rows = _rows_ahead(picture, side) if picture.in_rows else _rows_of(picture, side)
    for row in rows:
        for x in range(0, picture.width, side):
            width = min(side, picture.width - x)
            part = None if row.pixels is None else row.pixels[:, x : x + width]
            yield Block(row.frame, Box(x=x, y=row.box.y, width=width, height=row.box.height), part)


def _rows_of(picture: Picture, side: int) -> Generator[Block, None, None]:
    """Yield the blocks of a height, as wide as the image, that it is made of."""
    for frame in range(len(picture.frames)):
        for y in range(0, picture.height, side):
            height = min(side, picture.height - y)
            yield Block(frame, Box(x=0, y=y, width=picture.width, height=height))


def _rows_ahead(picture: Picture, side: int) -> Iterator[Block]:
    """Yield such blocks with their pixels; one thread reads the next while one is worked on."""

    def read(row: Block) -> Block:
        return replace(row, pixels=picture.read(row.frame, row.box))

    with ThreadPoolExecutor(1, thread_name_prefix="tilesource-rows") as reader:
        yield from in_order(_rows_of(picture, side), read, reader, ahead=1)


def in_order(
    jobs: Generator[Job, None, None],
    work: Callable[[Job], Result],
    pool: Pool | ThreadPoolExecutor = _POOL,
    ahead: int = _CORES,
) -> Iterator[Result]:
    """Yield the result of each job in turn, while some of the next are worked on already."""
    waiting: deque[Future[Result]] = deque()
    with closing(jobs):  # nobody may close the image while a thread still reads it
        try:
            for job in jobs:
                waiting.append(pool.submit(work, job))
                if len(waiting) > ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            wait([future for future in waiting if not future.cancel()])
