"""What reading a file of Girder fails of is told with the file's name."""

from pathlib import Path

import pytest

from girder_tiles import files
from tilesource.errors import TileSourceError


class Peculiar(TileSourceError):
    """An error of somebody's own format, which is not built from one text."""

    def __init__(self, path: Path, byte: int) -> None:
        super().__init__(f"{path.name} is broken at byte {byte}")


def test_an_error_keeps_its_class_and_gets_the_files_name(monkeypatch):
    path = Path("/assetstore/2d/3e/2d3e982d")
    monkeypatch.setattr(files, "_local_path", lambda _: path)
    with (
        pytest.raises(Peculiar, match=r"^slide\.svs is broken at byte 7$"),
        files.local_path({"name": "slide.svs"}),
    ):
        raise Peculiar(path, 7)
