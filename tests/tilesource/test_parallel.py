"""Work shared by threads, and JPEG streams that several of them encode."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
import tifffile
from PIL import Image

from tests.tilesource.images import smooth
from tilesource.jpeg_encoding import encode_jpeg
from tilesource.parallel import each


def test_results_are_in_the_order_of_the_pieces() -> None:
    def slower_first(number: int) -> int:
        time.sleep(0.002 * (20 - number) / 20)
        return number * number

    assert each(slower_first, range(20)) == [number * number for number in range(20)]
    assert each(slower_first, [3]) == [9]
    assert each(slower_first, []) == []


def test_several_threads_work() -> None:
    both = threading.Barrier(2, timeout=10)
    each(lambda _: both.wait(), range(2))


def test_a_failure_ends_the_work_and_is_raised() -> None:
    done = []

    def work(number: int) -> None:
        if number == 3:
            raise ValueError("the third")
        time.sleep(0.001)
        done.append(number)

    with pytest.raises(ValueError, match="the third"):
        each(work, range(1000))
    count = len(done)
    assert count < 900
    time.sleep(0.02)
    assert len(done) == count  # nobody works on after it was raised


def test_work_within_work_within_work_ends() -> None:
    def leaf(number: int) -> int:
        time.sleep(0.0005)
        return number

    def middle(number: int) -> int:
        return sum(each(leaf, range(number)))

    def top(number: int) -> int:
        return sum(each(middle, range(number)))

    found: list[list[int]] = []
    callers = [
        threading.Thread(target=lambda: found.append(each(top, range(6))), daemon=True)
        for _ in range(8)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(30)
    expected = [sum(sum(range(n)) for n in range(number)) for number in range(6)]
    assert found == [expected] * 8


FORKING = """
import os, signal, sys, warnings
warnings.simplefilter("ignore")  # Python 3.12 warns of every fork of a process with threads
import tilesource
from tilesource.conversion import convert

def work():
    with tilesource.open(sys.argv[1]) as source:
        source.getRegion(format="numpy")
        for tile in source.tileIterator(tile_size={"width": 100}):
            tile["tile"]
    convert(sys.argv[1], sys.argv[2])

work()
child = os.fork()
if not child:
    signal.alarm(30)  # ends a process that hangs
    work()
    os._exit(0)
sys.exit(os.waitpid(child, 0)[1] != 0)
"""


def test_a_forked_process_has_threads_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, smooth(600, 500), tile=(64, 64), photometric="rgb")
    script = [sys.executable, "-c", FORKING, str(path), str(tmp_path / "out.tif")]
    subprocess.run(script, check=True, timeout=60)


@pytest.mark.parametrize(("colours", "sampling"), [
    ("RGB", "444"), ("RGB", "422"), ("RGB", "420"), ("RGBX", "420"), ("GRAY", "Gray"),
])  # fmt: skip
@pytest.mark.parametrize("size", [(1000, 999), (256, 256), (257, 255), (9, 2000), (3000, 1)])
def test_a_jpeg_of_strips_decodes_as_one_of_a_piece(
    size: tuple[int, int], colours: str, sampling: str
) -> None:
    bands = {"RGB": 3, "RGBX": 4, "GRAY": 1}[colours]
    pixels = smooth(size[0], size[1], 3)
    pixels = np.ascontiguousarray(np.concatenate([pixels, pixels], axis=2)[..., :bands])
    ours = encode_jpeg(pixels, 90, colours, sampling)
    whole = simplejpeg.encode_jpeg(
        pixels, quality=90, colorspace=colours, colorsubsampling=sampling
    )
    assert (b"\xff\xdd" in ours) == (size[1] >= 256)
    for decode in (_with_pillow, simplejpeg.decode_jpeg):
        assert np.array_equal(decode(ours), decode(whole))


def test_the_widest_jpeg_can_be_encoded_in_strips() -> None:
    pixels = np.repeat(smooth(655, 300), 100, axis=1)
    ours = encode_jpeg(pixels, 90, "RGB", "444")
    assert np.array_equal(
        simplejpeg.decode_jpeg(ours),
        simplejpeg.decode_jpeg(simplejpeg.encode_jpeg(pixels, quality=90, colorsubsampling="444")),
    )


def test_streams_with_tables_of_their_own_are_not_put_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def optimised(pixels: np.ndarray, **_options: object) -> bytes:
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, "JPEG", optimize=True)
        return out.getvalue()

    monkeypatch.setattr(simplejpeg, "encode_jpeg", optimised)
    pixels = smooth(500, 700)
    pixels[300:] = 128
    assert encode_jpeg(pixels, 90, "RGB", "444") == optimised(pixels)


def _with_pillow(stream: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(stream)))
