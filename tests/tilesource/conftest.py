from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tilesource
from tests.tilesource.images import SAMPLES
from tilesource import FileTileSource


@pytest.fixture(params=SAMPLES)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FileTileSource]:
    """Every sample, opened."""
    with tilesource.open(SAMPLES[request.param](tmp_path / request.param)) as opened:
        yield opened


@pytest.fixture
def sample(tmp_path: Path) -> Callable[[str], Path]:
    """Write one of the samples and return its path."""
    return lambda name: SAMPLES[name](tmp_path / name)


@pytest.fixture
def sample_data() -> Path | None:
    """The folder of real images beside the checkout, or None: tests then make their own."""
    folder = Path(__file__).parents[3] / "shared" / "data"
    return folder if folder.is_dir() else None
