"""Where the file comes from, and what its conversion is called."""

from pathlib import Path

import pytest

from girder_tiles_worker.errors import ConversionFailed
from girder_tiles_worker.original import Original, fetch


class Girder:
    """Stands in for a client of Girder: one file in two chunks."""

    def downloadFileAsIterator(self, file_id):
        assert file_id == "id"
        return iter([b"ab", b"cd"])


def original(path=None, size=4):
    return Original(file_id="id", name="slide.svs", size=size, path=path)


@pytest.mark.parametrize(
    ("name", "result"),
    [("a.svs", "a.tiff"), ("a.b.png", "a.b.tiff"), ("a", "a.tiff"), ("a.tiff", "a.pyramid.tiff")],
)
def test_the_result_has_another_name(name, result):
    assert Original(file_id="id", name=name, size=1, path=None).result_name == result


def test_a_file_that_is_seen_from_here_is_read_in_place(tmp_path):
    path = tmp_path / "stored"
    path.write_bytes(b"abcd")
    found = fetch(original(str(path)), Girder(), tmp_path)
    assert (found.name, found.resolve()) == ("slide.svs", path)


@pytest.mark.parametrize(
    ("name", "safe"),
    [("slide (1).svs", "slide _1_.svs"), ("../../etc/passwd", "_.._etc_passwd"), ("..", "file"),
     ("a\0b\n.png", "a_b_.png"), ("x" * 300 + ".png", "x" * 196 + ".png"), ("Gewebe ä.tif",) * 2,
     ("片" * 90 + ".png", "片" * 65 + ".png")],
)  # fmt: skip
def test_whatever_it_is_called_it_stays_in_its_folder(name, safe):
    assert Original(file_id="id", name=name, size=1, path=None).safe_name == safe


@pytest.mark.parametrize("content", [None, b"other"])
def test_another_file_is_downloaded(tmp_path, content):
    path = tmp_path / "stored"
    if content:
        path.write_bytes(content)
    found = fetch(original(str(path)), Girder(), tmp_path)
    assert (found, found.read_bytes()) == (tmp_path / "original" / "slide.svs", b"abcd")


def test_half_a_download_is_no_file(tmp_path):
    with pytest.raises(ConversionFailed, match="not complete"):
        fetch(original(size=9), Girder(), Path(tmp_path))
