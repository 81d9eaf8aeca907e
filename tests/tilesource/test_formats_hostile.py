"""Hostile files end in an error that names them, within seconds and a budget of memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tilesource
from tests.tilesource import hostile
from tests.tilesource.images import SAMPLES
from tilesource.errors import TileSourceError

_SECONDS = 10
_MEGABYTES = 700
# Opens and reads each file with the limits of an operating system, and tells how it went.
_PROGRAM = """
import json, resource, signal, sys, time
import tilesource
from tilesource.registry import formats
from tilesource.errors import TileSourceError
formats()
def late(*_): raise SystemExit("took too long: " + path)
signal.signal(signal.SIGALRM, late)
for path in sys.argv[2:]:
    signal.alarm(int(sys.argv[1]))
    start, said = time.monotonic(), ""
    try:
        with tilesource.open(path) as source:
            source.getThumbnail(width=64, height=64)
            source.getTile(0, 0, source.levels - 1)
    except TileSourceError as exc:
        said = str(exc)[:2000]
    signal.alarm(0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps([path, said, time.monotonic() - start, peak]), flush=True)
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, float, int]]:
    """File name -> what the library said of it, its seconds, and the peak of memory till then."""
    paths = hostile.write(tmp_path_factory.mktemp("hostile"))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _PROGRAM, str(_SECONDS), *map(str, paths)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == len(paths), done.stderr[-3000:]
    return {Path(path).name: (said, seconds, peak) for path, said, seconds, peak in lines}


# What a reader may well show: it is only odd, and asks for little.
_HARMLESS = {
    "imagej.tif", "shaped.tif", "elsewhere.ome.tif", "planes.ome.tif", "steps.ome.tif",
    "laughs.ome.tif", "lzma-bomb.tif", "codec-2.tif", "codec-3.tif", "codec-6.tif",
}  # fmt: skip


@pytest.mark.parametrize("name", hostile.FILES)
def test_a_hostile_file_is_refused_by_name(
    told: dict[str, tuple[str, float, int]], name: str
) -> None:
    said, seconds, _ = told[name]
    assert name in said or name in _HARMLESS
    assert seconds < _SECONDS


def test_hostile_files_take_little_memory(told: dict[str, tuple[str, float, int]]) -> None:
    peaks = [peak for _, _, peak in told.values()]
    assert peaks[-1] - peaks[0] < _MEGABYTES


_ONE_FILE = [name for name in SAMPLES if Path(name).suffix not in ("", ".zarr", ".dzi", ".yaml")]


def shown(path: Path) -> np.ndarray | str:
    """Return the pixels of a file, or what the library says of it."""
    try:
        with tilesource.open(path) as source:
            return source.getRegion(format="numpy")[0]
    except TileSourceError as exc:
        return str(exc)


@pytest.mark.parametrize("name", _ONE_FILE)
def test_a_cut_file_is_an_error_that_names_it_or_is_shown_in_full(
    tmp_path: Path, name: str
) -> None:
    path = SAMPLES[name](tmp_path / name)
    content, expected = path.read_bytes(), shown(path)
    for share in (0.02, 0.3, 0.6, 0.9, 0.999):
        path.write_bytes(content[: int(len(content) * share)])
        found = shown(path)
        assert name in found if isinstance(found, str) else np.array_equal(found, expected), share


def test_no_hostile_file_runs_a_program(told: dict[str, tuple[str, float, int]]) -> None:
    assert told
    assert not Path("/tmp/owned").exists()
