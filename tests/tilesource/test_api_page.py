"""The examples of docs/api.md do what the page says."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

import pytest

from tests.tilesource.images import aperio, ome
from tilesource import cache_util
from tilesource.config import setConfig

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
SECTION = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
SESSION = re.compile(r"```pycon\n(.*?)```", re.DOTALL)


@pytest.fixture(autouse=True)
def _images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    aperio(tmp_path / "sample.svs")
    ome(tmp_path / "planes.ome.tif")
    (tmp_path / "notes.txt").write_text("no image")
    yield
    setConfig("cache_tile_bytes", None)
    cache_util.cachesClear()


def test_every_example_does_what_it_says() -> None:
    sessions = "\n".join(session[1] for session in SESSION.finditer(PAGE.read_text("utf-8")))
    test = doctest.DocTestParser().get_doctest(sessions, {}, PAGE.name, str(PAGE), 0)
    assert len(test.examples) > 60
    said: list[str] = []
    flags = doctest.IGNORE_EXCEPTION_DETAIL | doctest.NORMALIZE_WHITESPACE
    doctest.DocTestRunner(optionflags=flags).run(test, out=said.append)
    assert not said, "".join(said)
