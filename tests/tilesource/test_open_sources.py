"""The open files that requests share."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import tilesource
from tests.tilesource.images import noise, save
from tilesource import TileSource
from tilesource.abandoned import abandon
from tilesource.cache import open_sources
from tilesource.cache.open_sources import OpenSources
from tilesource.errors import TileSourceError
from tilesource.formats.decoded import DECODED
from tilesource.options import Options


def test_a_file_is_opened_once(
    sample: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, opened = sample("jpeg-pyramid.tif"), []
    original = open_sources.open_reader
    monkeypatch.setattr(
        open_sources, "open_reader", lambda path, _: (opened.append(path), original(path))[1]
    )
    sources, barrier = OpenSources(4), threading.Barrier(4)

    def read(_: int) -> bytes:
        barrier.wait()
        with sources.borrow(path) as source:
            return source.getTile(0, 0, 0)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(read, range(4)))) == 1
    assert opened == [path]
    sources.close()


def test_a_file_in_use_is_not_closed(tmp_path: Path) -> None:
    paths = [save(noise(20, 10), tmp_path / f"{number}.tif") for number in range(5)]
    sources = OpenSources(1)
    with sources.borrow(paths[0]) as first:
        for path in paths[1:]:
            with sources.borrow(path):
                continue
        assert first.getTile(0, 0, 0)
    assert len(sources) == 1
    sources.close()
    assert len(sources) == 0


def test_a_replaced_file_is_opened_anew(tmp_path: Path) -> None:
    path, sources = save(noise(20, 10), tmp_path / "image.png"), OpenSources(4)
    with sources.borrow(path) as source:
        assert source.sizeX == 20
    save(noise(30, 10), tmp_path / "new.png").replace(path)
    with sources.borrow(path) as source:
        assert source.sizeX == 30
    sources.close()


def test_a_file_that_cannot_be_opened_leaves_nothing(tmp_path: Path) -> None:
    sources = OpenSources(4)
    with pytest.raises(TileSourceError), sources.borrow(tmp_path / "none.tif"):
        pytest.fail("it was opened")
    assert len(sources) == 0


class _Ring:
    """What only the garbage collector can free."""

    def __init__(self, source: TileSource) -> None:
        self.source, self.itself = source, self


@pytest.mark.parametrize("is_shared", [True, False])
def test_the_garbage_collector_may_come_while_a_lock_is_held(
    sample: Callable[[str], Path], is_shared: bool
) -> None:
    path, sources = sample("rgb.png"), OpenSources(1)
    collected = threading.Event()

    def collect() -> None:
        lent = sources.lend(path, Options()) if is_shared else tilesource.open(path, noCache=True)
        lent.getTile(0, 0, 0)
        _Ring(lent)
        del lent
        with sources._lock, DECODED._lock:
            gc.collect()
        collected.set()

    threading.Thread(target=collect, daemon=True).start()
    assert collected.wait(20)


def test_tiles_outlive_the_name_of_their_source(sample: Callable[[str], Path]) -> None:
    path = sample("jpeg-pyramid.tif")
    tiles = list(tilesource.open(path, noCache=True).tileIterator())
    gc.collect()
    tilesource.open(path, noCache=True).close()  # closes what nobody has any more
    assert all(tile["tile"].size for tile in tiles)


def test_what_cannot_be_closed_is_no_matter_of_who_opens_next(
    sample: Callable[[str], Path], caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise OSError("a disk is gone")

    abandon(fail)
    with tilesource.open(sample("rgb.png"), noCache=True) as source:
        assert source.getTile(0, 0, 0)
    assert "a disk is gone" in caplog.text


def test_sources_are_closed_when_the_program_ends(sample: Callable[[str], Path]) -> None:
    program = """if True:
        import sys, tempfile
        folder = tempfile.TemporaryDirectory()  # is finalized, too
        import tilesource
        from tilesource.formats.pil import PilReader
        PilReader.close = lambda self: print("closed")
        source = tilesource.open(sys.argv[1], source="pil", noCache=True)
    """
    command = [sys.executable, "-c", program, str(sample("rgb.png"))]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["closed"]
