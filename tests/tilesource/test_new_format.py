"""The example of docs/new_format.md works as it is printed: one file and one entry point."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.tilesource.images import smooth

PAGE = Path(__file__).parents[2] / "docs" / "new_format.md"
PROGRAM = """
import sys, tilesource
with tilesource.open(sys.argv[1]) as source:
    print(source.name, source.sizeX, source.sizeY, source.levels)
    tile = source.getTile(0, 0, 0)
    sys.stdout.flush()
    sys.stdout.buffer.write(source.getRegion(format="numpy")[0].tobytes())
"""


def block(language: str) -> str:
    """Return the page's first block of code in a language."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder on the path, as an installer would leave it for the example's distribution."""
    (tmp_path / "grey8.py").write_text(block("python"), "utf-8")
    info = tmp_path / "grey8-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: grey8\nVersion: 1.0\n")
    name = re.search(r'(grey8) = "(.*)"', block("toml"))
    assert name is not None
    (info / "entry_points.txt").write_text(f"[tilesource.format]\n{name[1]} = {name[2]}\n")
    return tmp_path


def run(installed: Path, path: Path) -> subprocess.CompletedProcess[bytes]:
    program = f"import sys; sys.path.insert(0, {str(installed)!r})\n{PROGRAM}"
    return subprocess.run(
        [sys.executable, "-c", program, path], capture_output=True, check=False, timeout=120
    )


def test_an_image_of_the_new_format_is_served(installed: Path, tmp_path: Path) -> None:
    pixels = smooth(700, 500, 1)
    (tmp_path / "picture.grey8").write_bytes(b"GREY8 700 500\n" + pixels.tobytes())
    done = run(installed, tmp_path / "picture.grey8")
    line, _, content = done.stdout.partition(b"\n")
    assert line == b"grey8 700 500 3", done.stderr
    assert np.array_equal(np.frombuffer(content, np.uint8).reshape(pixels.shape), pixels)


@pytest.mark.parametrize("content", [b"GREY8 700 500\nshort", b"GREY8 x y\n", b"GREY8"])
def test_a_broken_one_is_an_error_that_names_it(
    installed: Path, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "picture.grey8").write_bytes(content)
    done = run(installed, tmp_path / "picture.grey8")
    assert b"DamagedFile: picture.grey8 is cut" in done.stderr
