"""Megapixels a second of a conversion, against `vips tiffsave` on the same input.

Each conversion is a process of its own, timed from the first pixel read to the file closed; both
write a tiled pyramid with the same compression. Run with `make bench`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import pyvips

ROUNDS = 3
SIZE = 8000, 6000
OURS = """
import re, sys, time
from pathlib import Path
from tilesource.conversion import convert
start = time.perf_counter()
convert(sys.argv[1], sys.argv[2])
"""
VIPS = """
import re, sys, time, pyvips
from pathlib import Path
start = time.perf_counter()
options = {"compression": "jpeg", "Q": 90} if sys.argv[1].endswith("jpg") else {
    "compression": "deflate", "predictor": "horizontal"}
pyvips.Image.new_from_file(sys.argv[1], access="sequential").tiffsave(sys.argv[2], tile=True,
    tile_width=256, tile_height=256, pyramid=True, bigtiff=True, **options)
"""
REPORT = """
status = Path("/proc/self/status").read_text()  # getrusage may tell of the parent process
print(time.perf_counter() - start, int(re.search(r"VmHWM:\\s+(\\d+)", status)[1]) / 1024)
"""


def main() -> None:
    """Print a table: MP/s and peak memory of both, and the ratio."""
    print("input              ours MP/s  vips MP/s  ratio  ours MB  vips MB")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in inputs(folder):
            rounds = [
                (measure(OURS, path, folder), measure(VIPS, path, folder)) for _ in range(ROUNDS)
            ]
            print_row(path, rounds)


def inputs(folder: Path) -> list[Path]:
    """Write the same picture as PNG, which stays lossless, and as JPEG."""
    width, height = SIZE
    noise = pyvips.Image.gaussnoise(width, height, mean=0, sigma=12)
    waves = pyvips.Image.sines(width, height, hfreq=40, vfreq=30) * 60 + 128
    bands = [waves + noise, waves.rot180() + noise, waves + noise.rot180()]
    image = bands[0].bandjoin(bands[1:]).cast("uchar").copy(interpretation="srgb")
    paths = [folder / "lossless.png", folder / "photo.jpg"]
    image.pngsave(str(paths[0]), compression=1)
    image.jpegsave(str(paths[1]), Q=90)
    return paths


def measure(program: str, source: Path, folder: Path) -> tuple[float, float]:
    """Return the seconds and the peak memory in MB of one conversion."""
    command = [sys.executable, "-c", program + REPORT, str(source), str(folder / "out.tif")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


def print_row(path: Path, rounds: list[tuple[tuple[float, float], tuple[float, float]]]) -> None:
    """Print the medians of one input; the ratio is that of rates, so above 1 is faster."""
    megapixels = SIZE[0] * SIZE[1] / 1e6
    own, vips = ([each[side] for each in rounds] for side in (0, 1))
    rates = [megapixels / median(seconds for seconds, _ in side) for side in (own, vips)]
    ratio = median(vips_s / own_s for (own_s, _), (vips_s, _) in rounds)
    memory = [median(megabytes for _, megabytes in side) for side in (own, vips)]
    print(
        f"{path.name:18} {rates[0]:9.1f}  {rates[1]:9.1f}  {ratio:5.2f}"
        f"  {memory[0]:7.0f}  {memory[1]:7.0f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
