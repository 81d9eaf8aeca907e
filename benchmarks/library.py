"""The library against large_image and the machine's limit: medians and ratios of one run.

`python benchmarks/library.py --peer PYTHON`, where PYTHON is that of an environment with
large_image and its sources; `make bench` makes one. Of those sources the best counts for each task.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pyvips
from library_task import TASKS

SIDE = 20_000
QUALITY = 80  # as slide scanners store; libvips would store RGB without subsampling from 90 on
ROUNDS = 3
PEER_SOURCES = tuple(f"large_image_source_{name}" for name in ("tiff", "openslide", "vips"))
HEAD = "task                  ours ms   peer ms   limit ms  ours/peer  ours/limit    MB  peer"
TISSUE = Path(__file__).parents[2] / "shared" / "data" / "CMU-1-Small-Region.svs"


@dataclass(frozen=True, slots=True)
class Figure:
    """The median time of a task in seconds, and the largest peak of memory in MB."""

    seconds: float
    peak: float


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", required=True, help="python of an environment with large_image")
    parser.add_argument("--images", type=Path, help="where the images are kept between runs")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.images or Path(temporary)
        write_images(folder)
        print(f"{processor()}, {os.cpu_count()} cores, Python {platform.python_version()}")
        print(HEAD)
        for task in TASKS:
            print_row(task.__name__, arguments.peer, folder)


def processor() -> str:
    """Return what the processor is called."""
    facts = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*: (.+)", facts.read_text()) if facts.exists() else []
    return names[0] if names else platform.processor() or platform.machine()


def write_images(folder: Path) -> None:
    """Write the pyramid, its full resolution alone, and names to open it under."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "flat.tif").exists():
        image = picture().replicate(10, 10).crop(0, 0, SIDE, SIDE)
        options = {"tile": True, "tile_width": 256, "tile_height": 256, "compression": "jpeg"}
        image.tiffsave(str(folder / "pyramid.tif"), pyramid=True, Q=QUALITY, **options)
        image.tiffsave(str(folder / "flat.tif"), Q=QUALITY, **options)
    for number in range(30):
        link = folder / f"copy-{number}.tif"
        if not link.exists():
            os.link(folder / "pyramid.tif", link)


def picture() -> pyvips.Image:
    """Return tissue where it is at hand, else something that compresses about as well."""
    if TISSUE.exists():
        tissue = pyvips.Image.new_from_file(str(TISSUE))
        return tissue.copy_memory().copy(interpretation="srgb")
    noise = pyvips.Image.gaussnoise(2200, 2900, mean=0, sigma=14).gaussblur(0.7)
    waves = pyvips.Image.sines(2200, 2900, hfreq=20, vfreq=30) * 40 + 180
    return (
        (waves + noise)
        .bandjoin([waves.rot180() + noise, waves])
        .cast("uchar")
        .copy(interpretation="srgb")
    )


def print_row(task: str, peer: str, folder: Path) -> None:
    """Measure the sides in turns, so that a change of the machine's speed hits all of them."""
    sides = {"tilesource": sys.executable, "limit": sys.executable}
    sides |= dict.fromkeys(PEER_SOURCES, peer)
    rounds: dict[str, list[Figure]] = {side: [] for side in sides}
    for _ in range(ROUNDS):
        for side, python in sides.items():
            if (figure := measure(python, side, task, folder)) is not None:
                rounds[side].append(figure)
    figures = {side: middle(found) for side, found in rounds.items() if found}
    ours, limit = figures["tilesource"], figures.get("limit")
    best = min((figures[side] for side in PEER_SOURCES if side in figures), key=lambda f: f.seconds)
    limit_ms = f"{limit.seconds * 1e3:10.3f}" if limit else f"{'-':>10}"
    to_limit = f"{ours.seconds / limit.seconds:11.2f}" if limit else f"{'-':>11}"
    print(
        f"{task:22} {ours.seconds * 1e3:9.3f} {best.seconds * 1e3:9.3f} {limit_ms}"
        f" {ours.seconds / best.seconds:10.3f} {to_limit} {ours.peak:5.0f} {best.peak:5.0f}",
        flush=True,
    )


def measure(python: str, side: str, task: str, folder: Path) -> Figure | None:
    """Return what one process measured, or None where the side cannot do the task."""
    script = str(Path(__file__).with_name("library_task.py"))
    done = subprocess.run(
        [python, script, side, task, str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode and side in PEER_SOURCES:
        return None  # not every source opens every file
    if done.returncode:
        raise SystemExit(f"{side} failed at {task}:\n{done.stderr}")
    found = json.loads(done.stdout.splitlines()[-1])
    return Figure(median(found["seconds"]), found["peak"]) if found["seconds"] else None


def middle(figures: list[Figure]) -> Figure:
    """Return the medians of several figures."""
    return Figure(
        median(figure.seconds for figure in figures), max(figure.peak for figure in figures)
    )


if __name__ == "__main__":
    main()
