"""One task of the library benchmark, in a process of its own: `library_task.py SIDE TASK IMAGES`.

SIDE is `tilesource`, a source of large_image (`large_image_source_tiff`, ...), or `limit`. Both
libraries have the same interface, so the same lines run on both. Prints the seconds of each run but
the first, and the peak of memory in MB, as JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import re
import resource
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

TILE = 256
STYLE = {
    "bands": [
        {"band": 1, "min": 20, "max": 230, "palette": ["#000", "#f80"]},
        {"band": 2, "min": 10, "max": 240, "palette": ["#000", "#0f4"]},
        {"band": 3, "min": 30, "max": 250, "palette": ["#000", "#04f"]},
    ]
}
Runs = Iterator[Callable[[], Any]]


def places(count: int, size: int, span: int) -> list[tuple[int, int]]:
    """Return the same places for every side, none overlapping another, so that no cache helps."""
    steps = range(0, size - span + 1, span)
    every = [(x, y) for y in steps for x in steps]
    random.Random(7).shuffle(every)
    return every[:count]


def tiles(source: Any, count: int) -> Runs:
    """Yield calls that get different tiles of the full resolution."""
    z = source.levels - 1
    for x, y in places(count, source.sizeX - TILE, TILE):
        yield lambda x=x // TILE, y=y // TILE: source.getTile(x, y, z)


def regions(source: Any, count: int, side: int, **options: Any) -> Runs:
    """Yield calls that get different squares of the image."""
    for x, y in places(count, source.sizeX, side):
        box = {"left": x, "top": y, "width": side, "height": side}
        yield lambda box=box: source.getRegion(region=box, **options)


def iterate(source: Any, x: int, y: int) -> None:
    """Go through 8192 x 8192 pixels in tiles of 1024."""
    box = {"left": x, "top": y, "width": 8192, "height": 8192}
    size = {"width": 1024, "height": 1024}
    for tile in source.tileIterator(region=box, tile_size=size, format="numpy"):
        tile["tile"].shape  # noqa: B018 - tiles are read when they are asked for


def stored_tile(library: Any, images: Path) -> Runs:
    """A tile that is in the file as it is to be sent."""
    return tiles(library.open(str(images / "pyramid.tif")), 400)


def png_tile(library: Any, images: Path) -> Runs:
    """A tile as PNG."""
    return tiles(library.open(str(images / "pyramid.tif"), encoding="PNG"), 100)


def styled_tile(library: Any, images: Path) -> Runs:
    """A tile in three colours of our choice."""
    return tiles(library.open(str(images / "pyramid.tif"), style=json.dumps(STYLE)), 100)


def region_2048(library: Any, images: Path) -> Runs:
    """2048 x 2048 pixels as an array."""
    return regions(library.open(str(images / "pyramid.tif")), 12, 2048, format="numpy")


def reduced_4096(library: Any, images: Path) -> Runs:
    """4096 x 4096 pixels as a JPEG of 1024 x 1024, from the level that is stored."""
    source = library.open(str(images / "pyramid.tif"))
    return regions(source, 12, 4096, output={"maxWidth": 1024, "maxHeight": 1024})


def reduced_4096_flat(library: Any, images: Path) -> Runs:
    """The same from an image that stores its full resolution only."""
    source = library.open(str(images / "flat.tif"))
    return regions(source, 6, 4096, output={"maxWidth": 1024, "maxHeight": 1024})


def iteration(library: Any, images: Path) -> Runs:
    """8192 x 8192 pixels in tiles of 1024 x 1024."""
    source = library.open(str(images / "pyramid.tif"))
    for x, y in places(4, source.sizeX, 8192):
        yield lambda x=x, y=y: iterate(source, x, y)


def histogram(library: Any, images: Path) -> Runs:
    """The histogram of 4096 x 4096 pixels."""
    source = library.open(str(images / "pyramid.tif"))
    for x, y in places(3, source.sizeX, 4096):
        box = {"left": x, "top": y, "width": 4096, "height": 4096}
        yield lambda box=box: source.histogram(region=box, bins=256)


def opening(library: Any, images: Path) -> Runs:
    """Open a file that was not open before."""
    for number in range(30):
        path = images / f"copy-{number}.tif"
        yield lambda path=path: library.open(str(path)).getMetadata()


class Limit:
    """What the codecs do at best: the bytes of the same tiles, and one thread a core.

    Nothing is looked up, cut, put together or described, so that no library reaches it. The pixels
    of up to 2048 rows are in memory at once, as they are for whoever wants them.
    """

    def __init__(self, images: Path) -> None:
        import imagecodecs  # noqa: PLC0415 - the peer's environment has none of them
        import simplejpeg  # noqa: PLC0415

        self.pyramid, self.flat = images / "pyramid.tif", images / "flat.tif"
        self.decode_jpeg, self.encode_jpeg = simplejpeg.decode_jpeg, simplejpeg.encode_jpeg
        self.encode_png = imagecodecs.png_encode
        self.cores = os.cpu_count() or 1
        self.pool = ThreadPoolExecutor(self.cores)

    def runs(self, task: str) -> Runs:
        """Return the runs of a task, none if it has no limit of its own."""
        known: dict[str, Callable[[], Runs]] = {
            "stored_tile": lambda: self.tiles(400, lambda page, place: page.read(*place)),
            "png_tile": lambda: self.tiles(100, self.as_png),
            "styled_tile": lambda: self.tiles(100, self.as_jpeg),
            "region_2048": lambda: self.squares(Page(self.pyramid), 12, 2048),
            "reduced_4096": lambda: self.reductions(Page(self.pyramid, 2), 12, 1024, 1),
            "reduced_4096_flat": lambda: self.reductions(Page(self.flat), 6, 4096, 4),
            "iteration": lambda: self.squares(Page(self.pyramid), 4, 8192),
            "histogram": lambda: self.squares(Page(self.pyramid), 3, 4096),
        }
        return known[task]() if task in known else iter(())

    def tiles(self, count: int, run: Callable[[Page, tuple[int, int]], Any]) -> Runs:
        page = Page(self.pyramid)
        for x, y in places(count, page.size - TILE, TILE):
            yield lambda place=(x // TILE, y // TILE): run(page, place)

    def as_png(self, page: Page, place: tuple[int, int]) -> bytes:
        return self.encode_png(self.decode_jpeg(page.read(*place)), level=1, strategy=3, filter=128)

    def as_jpeg(self, page: Page, place: tuple[int, int]) -> bytes:
        return self.encode_jpeg(self.decode_jpeg(page.read(*place)), 95, colorsubsampling="444")

    def squares(self, page: Page, count: int, side: int) -> Runs:
        for x, y in places(count, page.size, side):
            yield lambda x=x, y=y: self.decode_square(page, x, y, side)

    def reductions(self, page: Page, count: int, side: int, factor: int) -> Runs:
        """Decode at a fraction of the size, then encode as many pixels as that makes."""
        for x, y in places(count, page.size, side):
            yield lambda x=x, y=y: self.encode_square(self.decode_square(page, x, y, side, factor))

    def decode_square(self, page: Page, x: int, y: int, side: int, factor: int = 1) -> Any:
        """Return the first tile of a square that has been decoded."""
        bottom = y + side
        for top in range(y, bottom, 2048):
            tiles = self.decode_rows(page, x, top, side, min(2048, bottom - top), factor)
        return tiles[0]

    def decode_rows(self, page: Page, x: int, y: int, width: int, height: int, factor: int) -> Any:
        small = TILE // factor
        columns = range(x // TILE, -(-(x + width) // TILE))
        rows = range(y // TILE, -(-(y + height) // TILE))
        every = [(column, row) for row in rows for column in columns]

        def decode(share: int) -> list[Any]:
            return [
                self.decode_jpeg(page.read(*place), min_width=small, min_height=small)
                for place in every[share :: self.cores]
            ]

        return [tile for tiles in self.pool.map(decode, range(self.cores)) for tile in tiles]

    def encode_square(self, tile: Any) -> None:
        """Encode one tile again and again, until the cores have encoded 1024 x 1024 pixels."""
        rows = np.hstack([tile] * (1024 // tile.shape[1]))

        def encode(share: int) -> None:
            for _ in range(share, 1024 // tile.shape[0], self.cores):
                self.encode_jpeg(rows, 95, colorsubsampling="444")

        list(self.pool.map(encode, range(self.cores)))


class Page:
    """Where a level of a pyramid has its tiles, and its bytes as streams that stand alone."""

    def __init__(self, path: Path, level: int = 0) -> None:
        import tifffile  # noqa: PLC0415 - not in the peer's environment

        self.file = os.open(path, os.O_RDONLY)
        with tifffile.TiffFile(path) as tiff:
            page = tiff.pages[level]
            self.size = page.imagewidth
            self.across = -(-page.imagewidth // TILE)
            self.where = list(zip(page.dataoffsets, page.databytecounts, strict=True))
            self.tables = page.jpegtables[2:-2] if page.jpegtables else b""

    def read(self, column: int, row: int) -> bytes:
        offset, count = self.where[row * self.across + column]
        data = os.pread(self.file, count, offset)
        return data[:2] + self.tables + data[2:]


TASKS = (
    stored_tile, png_tile, styled_tile, region_2048, reduced_4096, reduced_4096_flat, iteration,
    histogram, opening,
)  # fmt: skip


def main() -> None:
    """Run one task and print its seconds and its memory."""
    side, name, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    task = next(task for task in TASKS if task.__name__ == name)
    library = importlib.import_module(side) if side != "limit" else None
    runs = Limit(folder).runs(name) if library is None else task(library, folder)
    seconds = []
    for run in runs:
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"seconds": seconds[1:] or seconds, "peak": peak_megabytes()}))


def peak_megabytes() -> float:
    """Return the most memory that this process has had at once.

    What getrusage tells would be that of the process that started this one, if it had more.
    """
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        if found:
            return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
