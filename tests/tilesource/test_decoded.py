"""However many images are open, only so many of their decoded pixels are held."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import pyvips
import tifffile
from PIL import Image

import tilesource
from tests.tilesource.images import noise
from tilesource import cache_util
from tilesource.errors import DamagedFile
from tilesource.formats.decoded import DECODED, DecodedCache


def budget(size: int) -> Callable[[], int]:
    return lambda: size


def test_the_least_recently_used_go_first() -> None:
    cache, decoded, owner = DecodedCache(budget(1000)), [], object()

    def decode(number: int) -> np.ndarray:
        decoded.append(number)
        return np.zeros(400, np.uint8)

    for number in (0, 1, 0, 2, 1, 0):
        cache.get(owner, number, lambda number=number: decode(number))
    assert (decoded, len(cache), cache.used_bytes) == ([0, 1, 2, 1, 0], 2, 800)
    cache.forget(owner)
    assert (len(cache), cache.used_bytes) == (0, 0)
    cache.get(owner, 0, lambda: decode(0))
    assert decoded[-2:] == [0, 0]


def test_one_that_is_too_large_is_kept_alone() -> None:
    cache = DecodedCache(budget(50))
    for page in (0, 1):
        cache.get("owner", page, lambda: pyvips.Image.black(10, 10))
    assert (len(cache), cache.used_bytes) == (1, 100)


def test_a_new_budget_holds_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = DecodedCache(lambda: int(tilesource.config.getConfig("cache_decoded_bytes")))
    for number, size in ((0, "1000"), (1, "1000"), (2, "150")):
        monkeypatch.setenv("GIRDER_TILES_CACHE_DECODED_BYTES", size)
        cache.get("owner", number, lambda: np.zeros(100, np.uint8))
    assert cache.used_bytes == 100


def test_what_fails_or_is_nothing_is_not_held() -> None:
    cache = DecodedCache(budget(1000))
    assert cache.get("owner", 0, lambda: None) is None
    with pytest.raises(ZeroDivisionError):
        cache.get("owner", 0, lambda: 1 / 0)
    assert len(cache) == 0
    assert cache.get("owner", 0, lambda: np.ones(5)).sum() == 5


def test_a_part_that_many_want_is_decoded_once() -> None:
    cache, decoded = DecodedCache(budget(1000)), []

    def decode() -> np.ndarray:
        decoded.append(1)
        time.sleep(0.05)
        return np.zeros(10)

    threads = [threading.Thread(target=cache.get, args=("owner", 0, decode)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert decoded == [1]


def test_what_is_closed_while_it_is_decoded_is_not_held() -> None:
    cache = DecodedCache(budget(1000))

    def decode() -> np.ndarray:
        cache.forget("owner")
        return np.zeros(10)

    assert cache.get("owner", 0, decode).size == 10
    assert (len(cache), cache.used_bytes) == (0, 0)


@pytest.mark.parametrize("name", ["a.png", "a.bmp"])
def test_a_closed_file_holds_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    Image.fromarray(noise(30, 20)).save(path)
    before = len(DECODED)
    with tilesource.open(path, noCache=True) as source:
        source.getTile(0, 0, 0)
        assert len(DECODED) == before + 1
        assert cache_util.cachesInfo()["decoded"]["used"] >= 30 * 20 * 3
    assert len(DECODED) == before


def test_a_region_does_not_keep_its_whole_frame(tmp_path: Path) -> None:
    Image.fromarray(noise(300, 200)).save(tmp_path / "a.bmp")
    with tilesource.open(tmp_path / "a.bmp") as source:
        region = {"left": 5, "top": 5, "width": 10, "height": 10}
        pixels, _ = source.getRegion(region=region, format="numpy")
    base = pixels
    while isinstance(base.base, np.ndarray):
        base = base.base
    assert base.nbytes == 300
    pixels[:] = 0  # it is the caller's


def test_frames_are_read_in_any_order(tmp_path: Path) -> None:
    frames = [Image.fromarray(noise(60, 50)) for _ in range(6)]
    frames[0].save(tmp_path / "a.png", save_all=True, append_images=frames[1:])
    with tilesource.open(tmp_path / "a.png") as source:
        for frame in (5, 4, 3, 1, 2, 0, 5):
            DECODED.forget(source.reader)
            pixels, _ = source.getRegion(format="numpy", frame=frame)
            assert np.array_equal(pixels[..., :3], np.asarray(frames[frame]))


FORKING = """
import os, signal, sys, threading, time, tilesource
source = tilesource.open(sys.argv[1])
tilesource.config.setConfig("cache_decoded_bytes", 0)  # the last strip only
def read(top):
    source.getRegion(format="numpy", region={"top": top, "width": 9, "height": 9})
read(2000)  # what is imported at first is there
threading.Thread(target=read, args=(0,), daemon=True).start()
time.sleep(0.01)
child = os.fork()
if not child:
    signal.alarm(30)  # ends a process that hangs
    read(0)
    os._exit(0)
sys.exit(os.waitpid(child, 0)[1] != 0)
"""


def test_a_process_that_is_forked_while_another_thread_decodes_goes_on(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", noise(3000, 3000), compression="lzw", rowsperstrip=1500,
                     photometric="rgb")  # fmt: skip
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKING, str(tmp_path / "a.tif")],
        check=True, timeout=60,
    )  # fmt: skip


def test_a_closed_file_says_so(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", noise(300, 300), tile=(64, 64), photometric="rgb")
    source = tilesource.open(tmp_path / "a.tif", noCache=True)
    source.close()
    with pytest.raises(tilesource.errors.TileSourceError, match="closed"):
        source.getRegion(format="numpy")


def test_a_still_is_decoded_again_when_its_pixels_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels, path = noise(30, 20), tmp_path / "a.bmp"
    Image.fromarray(pixels).save(path)
    with tilesource.open(path, noCache=True) as source:
        for _ in range(2):
            assert np.array_equal(source.getRegion(format="numpy")[0], pixels)
            DECODED.forget(source.reader)
        Image.fromarray(noise(10, 10)).save(path)
        with pytest.raises(DamagedFile, match="another image"):
            source.getRegion(format="numpy")
