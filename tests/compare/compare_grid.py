"""Compare regions, scales, tiles and histograms with large_image, and explain every difference.

    python tests/compare/compare_grid.py /path/to/peer/bin/python image ...

Not part of the test run: it needs another environment with large_image in it. Pixels at the scale
of a stored level are alike within 2 of 255; a difference that EXPLAINED does not explain ends the
program with an error.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

PROBES = Path(__file__).with_name("grid_probes.py")
TOLERANCE = 2.0
# Edges between tiles, and pixels of noise, may differ by more once they are resampled.
RESAMPLED_TOLERANCE = 6.0

EXPLAINED = {
    "alpha": "their source adds an alpha band that the file does not have",
    "windows": "tiles of a resampled region are windows of what getRegion shows; theirs are "
    "tiles of a level, each resampled and rounded by itself",
    "resampled": "another kernel; theirs squeezes an odd last row in, ours keeps the scale",
    "rounded": "theirs rounds a region to whole pixels of a level first",
    "made": "a level that is not stored: ours are means of its pixels, theirs are resampled tiles",
}
# What is told of where a tile of a resampled region lies; its scale must be the same.
WINDOW_FACTS = (
    ".x", ".y", ".gx", ".gy", ".gwidth", ".gheight", ".tile_x", ".tile_y", ".tile_width",
    ".tile_height", ".width", ".height", ".iterator_range", ".tile_overlap", ".level_x",
    ".level_y", ".tile_position", " None",
)  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """What differs in the answer to a question, and why, if that is known."""

    question: str
    text: str
    why: str | None = None


@dataclass(frozen=True)
class Answers:
    """All that one library told of an image."""

    told: dict[str, Any]
    arrays: Any


def main(peer: str, *images: str) -> int:
    counts: Counter[str] = Counter()
    for image in images:
        with tempfile.TemporaryDirectory() as folder:
            theirs = asked(peer, "large_image", image, Path(folder) / "theirs")
            ours = asked(sys.executable, "tilesource", image, Path(folder) / "ours")
            for each in differences(theirs, ours):
                counts[each.why or "not explained"] += 1
                if not each.why:
                    print(f"{Path(image).name}: {each.question}: {each.text}")
    for why, count in counts.most_common():
        print(f"{count:5} {EXPLAINED.get(why, why)}")
    return min(counts["not explained"], 1)


def asked(python: str, library: str, image: str, answers: Path) -> Answers:
    subprocess.run([python, str(PROBES), library, image, str(answers)], check=True)
    told = json.loads(answers.with_suffix(".json").read_text(encoding="utf-8"))
    return Answers(told, np.load(answers.with_suffix(".npz")))


def differences(theirs: Answers, ours: Answers) -> Iterator[Difference]:
    has_alpha = theirs.told["metadata"]["bandCount"] == ours.told["metadata"]["bandCount"] + 1
    for question, answer in theirs.told.items():
        mine = ours.told.get(question, "nothing")
        if question in theirs.arrays and question in ours.arrays:
            found = of_pixels(theirs, ours, question)
        else:
            found = of_values(answer, mine, "")
        for text in found:
            yield Difference(question, text, reason(theirs, ours, question, text, has_alpha))


def reason(theirs: Answers, ours: Answers, question: str, text: str, has_alpha: bool) -> str | None:
    """Return the key of what explains a difference, None if nothing does."""
    kind = question.split(maxsplit=1)[0]
    if has_alpha and kind in ("metadata", "bands", "extremes", "histogram"):
        return "alpha"
    if kind == "convert":
        return "rounded" if is_resampled(question) or "mm" in question else None
    if kind == "tile":
        stored = ours.told[f"preferred {question.split()[1]}"]
        return "made" if stored != int(question.split()[1]) else None
    if not is_resampled(question):
        return None
    if kind in ("pixels", "count") or (kind == "facts" and text.startswith(WINDOW_FACTS)):
        return "windows"
    return "resampled" if mean_of(theirs, ours, question) <= RESAMPLED_TOLERANCE else None


def is_resampled(question: str) -> bool:
    """Tell whether a question is about pixels that may be at the scale of no stored level."""
    kind, _, rest = question.partition(" ")
    request = json.loads(rest[rest.index("{") :]) if "{" in rest else {}
    return kind == "thumbnail" or "output" in request or "scale" in request


def mean_of(theirs: Answers, ours: Answers, question: str) -> float:
    """Return the mean difference of two arrays, infinite if they are not of one size."""
    one, other = theirs.arrays[question], ours.arrays[question]
    return float(away_of(one, other).mean()) if one.shape[:2] == other.shape[:2] else math.inf


def away_of(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    bands = min(one.shape[2], other.shape[2])
    return np.abs(one[..., :bands].astype(float) - other[..., :bands].astype(float))


def of_pixels(theirs: Answers, ours: Answers, question: str) -> list[str]:
    one, other = theirs.arrays[question], ours.arrays[question]
    if one.shape[:2] != other.shape[:2]:
        return [f"shape {one.shape} against {other.shape}"]
    if not one.size:
        return []
    away = away_of(one, other)
    beyond = float((away > TOLERANCE).mean())
    told = (
        f"{100 * beyond:.1f} % of pixels differ, by {away.max():.0f}, {away.mean():.1f} on average"
    )
    return [told] if beyond > 0.01 else []


def of_values(theirs: Any, ours: Any, path: str) -> list[str]:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return [
            text
            for key, value in theirs.items()
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
