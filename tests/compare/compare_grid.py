"""Compare regions, scales, tiles and histograms with large_image, and tell every difference.

    python tests/compare/compare_grid.py /path/to/peer/bin/python image ...

Not part of the test run: it needs another environment with large_image in it. Pixels are alike
within 2 of 255, or at most 1 in 100 beyond it; the differences that are meant are in EXPECTED.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

PROBES = Path(__file__).with_name("grid_probes.py")
TOLERANCE = 2.0
# Of the tiles of a resampled region only: ours are windows of the region as getRegion shows it.
EXPECTED = ("x", "y", "gx", "gy", "gwidth", "gheight", "tile_x", "tile_y", "tile_width",
            "tile_height", "width", "height", "iterator_range", "tile_overlap", "level_x",
            "level_y", "tile_position")  # fmt: skip


def main(peer: str, *images: str) -> int:
    counts: Counter[str] = Counter()
    for image in images:
        with tempfile.TemporaryDirectory() as folder:
            theirs = asked(peer, "large_image", image, Path(folder) / "theirs")
            ours = asked(sys.executable, "tilesource", image, Path(folder) / "ours")
            for name, found in differences(theirs, ours):
                counts[found] += 1
                print(f"{Path(image).name}: {name}: {found}")
    print(sum(counts.values()), "differences")
    return min(len(counts), 1)


def asked(python: str, library: str, image: str, answers: Path) -> tuple[dict[str, Any], Any]:
    subprocess.run([python, str(PROBES), library, image, str(answers)], check=True)
    told = json.loads(answers.with_suffix(".json").read_text(encoding="utf-8"))
    return told, np.load(answers.with_suffix(".npz"))


def differences(
    theirs: tuple[dict[str, Any], Any], ours: tuple[dict[str, Any], Any]
) -> list[tuple[str, str]]:
    found = []
    for name, answer in theirs[0].items():
        if name not in ours[0]:
            found.append((name, "we were not asked"))
        elif name in theirs[1] and name in ours[1] and "shape" in answer:
            found += [(name, text) for text in of_pixels(theirs[1][name], ours[1][name])]
        else:
            found += [(name, text) for text in of_values(answer, ours[0][name], "")]
    return found


def of_pixels(theirs: np.ndarray, ours: np.ndarray) -> list[str]:
    if theirs.shape[:2] != ours.shape[:2]:
        return [f"shape {theirs.shape} against {ours.shape}"]
    if not theirs.size:
        return []
    bands = min(theirs.shape[2], ours.shape[2])
    away = np.abs(theirs[..., :bands].astype(float) - ours[..., :bands].astype(float))
    beyond = float((away > TOLERANCE).mean())
    return [f"{100 * beyond:.1f} % of pixels differ, by {away.max():.0f}"] if beyond > 0.01 else []


def of_values(theirs: Any, ours: Any, path: str) -> list[str]:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        scaled = "scaled" in theirs
        return [
            text
            for key, value in theirs.items()
            if not (scaled and key in EXPECTED)
            for text in of_values(value, ours.get(key, "nothing"), f"{path}.{key}")
        ]
    if isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        pairs = enumerate(zip(theirs, ours, strict=True))
        return [text for at, (one, two) in pairs for text in of_values(one, two, f"{path}[{at}]")]
    if isinstance(theirs, int | float) and isinstance(ours, int | float):
        close = math.isclose(theirs, ours, rel_tol=1e-3, abs_tol=1e-9)
        return [] if close else [f"{path} {theirs} against {ours}"]
    return [] if theirs == ours else [f"{path} {str(theirs)[:80]} against {str(ours)[:80]}"]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
