"""Compare what the formats tell with large_image, and explain every difference.

    python tests/compare/compare_formats.py /path/to/peer/bin/python [image ...]

Not part of the test run: it needs another environment with large_image in it. The images are all
samples of the tests, and those that are given. A difference that EXPLAINED does not explain ends
the program with an error.
"""

from __future__ import annotations

import fnmatch
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.tilesource.images import SAMPLES  # noqa: E402 - the checkout is found first

PROBES = Path(__file__).with_name("format_probes.py")
_FRAMES = ("IndexRange", "IndexStride", "channels", "frames")
_SCALE = ("magnification", "mm_x", "mm_y")
_GRID = ("tileWidth", "tileHeight", "levels")
# Which file, read by which of their formats, which facts: why they differ.
EXPLAINED: list[tuple[str, str, tuple[str, ...], str]] = [
    ("*", "*", ("read by",), "each library has formats of its own"),
    ("*", "pil", _GRID, "theirs is one tile as large as the image; ours are 256 x 256"),
    ("*", "tiff", _GRID, "theirs are strips, cut to about 256 rows; ours are 256 x 256"),
    ("*", "ometiff", _GRID, "theirs are strips, cut to about 256 rows; ours are 256 x 256"),
    ("*.zarr*", "zarr", _GRID, "theirs are 512 x 512 for small chunks; ours are the chunks"),
    ("*", "openslide", ("bandCount", "colours", "corner"), "theirs has alpha, which is opaque"),
    ("*", "pil", ("bandCount", "dtype", "colours", "corner"),
     "theirs makes 8 bits of any depth, and RGBA of palettes, bits and inks"),
    ("*.svs", "tiff", ("associated",), "theirs lists a thumbnail by its size"),
    ("*.ome.tif", "tiff", (*_FRAMES, *_SCALE), "theirs does not take this OME-XML as such"),
    ("*.ome.tif", "ometiff", ("frames", "IndexRange", "IndexStride"),
     "theirs numbers the one frame of an image too"),
    ("*.ome.tif", "tiff", ("colours", "corner"),
     "theirs shows the pages of one file only, where the image has several files"),
    ("*", "vips", _FRAMES, "theirs only numbers pages; ours have the axes of ImageJ and others"),
    ("turned.tif", "tiff", ("corner",),
     "theirs turns orientations 6 and 8 the wrong way round; ours are those of Exif"),
    ("orient*", "*", ("sizeX", "sizeY", "corner"), "the same, and theirs does not turn strips"),
    ("rot*", "pil", ("sizeX", "sizeY"), "theirs does not turn photos as viewers do"),
    ("*.qptiff", "tiff", (*_FRAMES, "associated"), "theirs reads no notes of PerkinElmer"),
    ("*.scn", "tiff", (*_SCALE, "associated"), "theirs reads no notes of Leica here"),
    ("philips*", "tiff", _SCALE, "theirs reads the scale of level 0 from another place"),
    ("cmyk*", "vips", ("bandCount", "colours", "corner"), "theirs leaves inks as they are"),
    ("*", "vips", _SCALE, "theirs takes dots of a screen or of no unit for a scale"),
    ("*", "vips", _GRID, "theirs are 256 x 256, for they do not use the tiles stored"),
    ("assoc*", "*", ("associated",), "ours are those whose description names them"),
    ("half.tif", "vips", ("dtype",), "theirs makes 32 bits of 16"),
    ("*.zarr.zip", "zarr", _SCALE, "theirs tells a length of 0 where the file has none"),
    ("many.yaml", "multi", ("corner", "colours"), "resampled edges of a scaled source"),
    ("synthetic", "test", ("colours", "corner"), "the pattern is our own"),
    ("*.gif", "vips", ("bandCount",), "theirs keeps an alpha that is opaque"),
]  # fmt: skip


def main(peer: str, *images: str) -> int:
    unexplained = 0
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(write(Path(folder) / name)) for name, write in SAMPLES.items()]
        paths += images
        theirs, ours = asked(peer, "large_image", paths), asked(sys.executable, "tilesource", paths)
    for path in paths:
        name = "synthetic" if "://" in path or ":/" in path else Path(path).name
        for fact, their, our in differences(theirs.get(path, {}), ours.get(path, {})):
            reason = why(name, theirs.get(path, {}), fact)
            unexplained += reason is None
            values = f"theirs {str(their)[:90]}, ours {str(our)[:90]}"
            print(f"{name}: {fact}: {values}: {reason or 'NOT EXPLAINED'}")
    print(unexplained, "differences are not explained")
    return min(unexplained, 1)


def asked(python: str, library: str, paths: list[str]) -> dict[str, Any]:
    program = [python, str(PROBES), library, *paths]
    environment = {"PYTHONPATH": str(ROOT)} if library == "tilesource" else None
    done = subprocess.run(
        program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False,
        env=environment,
    )  # fmt: skip
    return dict(json.loads(line) for line in done.stdout.splitlines() if line.startswith("["))


def differences(theirs: dict[str, Any], ours: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    if "refused" in theirs or "refused" in ours or not theirs or not ours:
        if ("refused" in theirs) != ("refused" in ours) or not theirs or not ours:
            yield "opens", theirs.get("refused", "yes"), ours.get("refused", "yes")
        return
    for fact, their in theirs.items():
        if not alike(their, ours[fact]):
            yield fact, their, ours[fact]


def alike(their: Any, our: Any) -> bool:
    if isinstance(their, list) and isinstance(our, list) and len(their) == len(our):
        return all(alike(*pair) for pair in zip(their, our, strict=True))
    if isinstance(their, float | int) and isinstance(our, float | int):
        return abs(their - our) <= 1e-6 * abs(their) + (2 if abs(their) > 2 else 0) * 0.5
    return bool((their or None) == (our or None)) or str(their) == f"<class 'numpy.{our}'>"


def why(name: str, theirs: dict[str, Any], fact: str) -> str | None:
    if fact == "opens":
        return "they have no format that reads it" if theirs.get("refused") else None
    for pattern, form, facts, reason in EXPLAINED:
        if fnmatch.fnmatch(name, pattern) and form in ("*", theirs["read by"]) and fact in facts:
            return reason
    return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
