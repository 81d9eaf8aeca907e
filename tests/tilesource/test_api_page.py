"""The examples of docs/api.md and docs/style.md do what the pages say."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

import pytest

from tests.tilesource.images import aperio, ome
from tilesource import cache_util
from tilesource.config import setConfig

DOCS = Path(__file__).parents[2] / "docs"
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


@pytest.mark.parametrize(("page", "least"), [("api.md", 110), ("style.md", 15)])
def test_every_example_does_what_it_says(page: str, least: int) -> None:
    text = (DOCS / page).read_text("utf-8")
    sessions = "\n".join(session[1] for session in SESSION.finditer(text))
    test = doctest.DocTestParser().get_doctest(sessions, {}, page, page, 0)
    assert len(test.examples) >= least
    said: list[str] = []
    flags = doctest.IGNORE_EXCEPTION_DETAIL | doctest.NORMALIZE_WHITESPACE
    doctest.DocTestRunner(optionflags=flags).run(test, out=said.append)
    assert not said, "".join(said)
