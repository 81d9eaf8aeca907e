"""However many images are open, only so many of their pixels are held."""

from __future__ import annotations

from pathlib import Path

import pyvips

import tilesource
from tests.tilesource.images import noise, save
from tilesource.formats import vips
from tilesource.formats.decoded import DecodedPages


def load(page: int) -> pyvips.Image:
    return pyvips.Image.black(10, 10)


def test_the_least_recently_used_go_first() -> None:
    pages, loaded = DecodedPages(budget_bytes=250), []

    def loading(page: int) -> pyvips.Image:
        loaded.append(page)
        return load(page)

    for page in (0, 1, 0, 2, 0, 1):
        pages.get("owner", page, loading)
    assert (loaded, len(pages)) == ([0, 1, 2, 1], 2)


def test_one_that_is_too_large_is_kept_alone() -> None:
    pages = DecodedPages(budget_bytes=50)
    for page in (0, 1):
        pages.get("owner", page, load)
    assert len(pages) == 1


def test_a_closed_file_holds_nothing(tmp_path: Path) -> None:
    path, before = save(noise(30, 20), tmp_path / "a.png"), len(vips._DECODED)
    with tilesource.open(path, noCache=True) as source:
        source.getTile(0, 0, 0)
        assert len(vips._DECODED) == before + 1
    assert len(vips._DECODED) == before
