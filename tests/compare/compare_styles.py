"""Compare styled pixels with those of large_image, which is installed apart.

    python tests/compare/compare_styles.py /path/to/its/python [folder of sample images]

Prints a line a style: the largest difference on a scale of 0 to 255, and why it is accepted if it
is more than 2. Fails if one is not explained.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.tilesource.profiles import rgb_profile  # noqa: E402 - the checkout is found first
from tilesource.errors import TileSourceError  # noqa: E402
from tilesource.geometry import Box  # noqa: E402
from tilesource.registry import open_reader  # noqa: E402
from tilesource.rendering import Renderer  # noqa: E402

TOLERANCE = 2

# Run by the other Python: it has neither our library nor tifffile.
PEER = """
import json, logging, sys
import large_image, numpy
logging.disable(logging.CRITICAL)
cases, out = json.load(open(sys.argv[1])), {}
for number, (path, style, frame) in enumerate(cases):
    try:
        source = large_image.open(path, style=style)
        out[str(number)] = source.getRegion(format='numpy', frame=frame)[0]
    except Exception as exc:
        out[str(number)] = numpy.array(repr(exc))
numpy.savez(sys.argv[2], **out)
"""


@dataclass(frozen=True)
class Case:
    """A style on an image, and why the results differ if they do."""

    image: str
    style: Any
    frame: int = 0
    why: str = ""


RED_AND_BLUE = [{"band": 1, "palette": "#f80"}, {"band": 2, "palette": "#08f"}]
JET = ["#000080", "#00f", "#0ff", "#ff0", "#f00", "#800000"]
MASK = "large_image.tilesource.stylefuncs.maskPixelValues"
MEDIAN = "large_image.tilesource.stylefuncs.medianFilter"
OPAQUE = "the peer stretches values when alpha is 255 throughout; documented is 0 to 255 as it is"
ENDS = "the peer goes on beyond the ends of a palette of two colours; documented is to clamp"
DEEP = "the file is of 16 bits, of which Pillow, by which the peer reads it, keeps 8"
HALF = "a function of a band: the peer filters across its rows of columns as if they were bands"


def calls(name: str, stage: str | None = None, **parameters: Any) -> dict[str, Any]:
    return {"name": name, "context": True, "parameters": parameters} | (
        {"stage": stage} if stage else {}
    )


CASES = [
    *(Case(image, {"band": 1}) for image in
      ("grey8", "grey16", "int8", "int16", "float", "small-float", "rgb", "rgb16", "grey-alpha")),
    *(Case(image, {"min": low, "max": high}) for image in ("grey8", "grey16", "float", "int16")
      for low, high in (("min", "max"), (20, 180), ("min:0.02", "max:0.02"), ("auto", "full"),
                        ("auto:0.05", "auto:0.1"), ("max", "min"), (90, 90))),
    *(Case("rgb", {"band": band}) for band in
      (-1, None, 2, 3, "red", "green", "blue", "gray")),
    *(Case("grey8", {"palette": palette}) for palette in
      ("#f00", "#0f08", "red", "hsl(120,100%,50%)", ["#f00", "#0f0", "#00f"], JET, ["#123"],
       [[0, 0, 0], [1, 0.5, 0, 0.25]], "viridis", "viridis_r", "matplotlib.Viridis_12",
       "colorbrewer.sequential.Blues_9", "tab10", "#ffffff")),
    Case("grey8", {"palette": "jet"}, why="the peer's jet passes through white, as jet does not"),
    Case("grey8", {"palette": "tab:blue"}, why="documented is from black; the peer's black is"
         " transparent for names of matplotlib"),
    *(Case("grey8", {"palette": palette, "scheme": "discrete"}) for palette in
      ("#f00", ["#f00", "#0f0", "#00f"], "viridis")),
    *(Case(image, {"palette": ["#f00", "#0f0"], "min": 50, "max": 200, "clamp": clamp})
      for image in ("grey8", "grey16", "float") for clamp in (True, False)),
    *(Case(image, {"palette": "#0ff", "nodata": 60}) for image in ("grey8", "grey16")),
    Case("grey8", {"nodata": 60}),
    *(Case("rgb", {"bands": RED_AND_BLUE, **more}) for more in
      ({}, {"dtype": "uint8"}, {"dtype": "uint16"}, {"dtype": "float"}, {"axis": 0}, {"axis": 1},
       {"axis": 2}, {"axis": 3}, {"axis": 1, "dtype": "uint16"}, {"dtype": "source"})),
    *(Case("rgb", {"bands": [RED_AND_BLUE[0], {**RED_AND_BLUE[1], **more}]}) for more in
      ({"composite": "multiply"}, {"nodata": 100}, {"clamp": False})),
    Case("rgb", {"bands": [RED_AND_BLUE[0], {**RED_AND_BLUE[1], "min": 50, "max": 120}]}, why=ENDS),
    Case("rgb", {"bands": [{**RED_AND_BLUE[0], "composite": "multiply"}, RED_AND_BLUE[1]]}),
    Case("rgb", {"bands": [{"band": 1}, {"band": 2}]}),
    Case("rgb", {"bands": []}),
    *(Case("rgba", {"bands": [*RED_AND_BLUE, {"band": "alpha", **more}]}) for more in
      ({}, {"palette": "#fff"}, {"min": 50, "max": 200}, {"composite": "lighten"})),
    Case("rgb", {"bands": [*RED_AND_BLUE, {"band": "alpha"}]}),
    Case("rgba", {"band": "alpha"}),
    Case("grey-alpha", {"bands": [{"band": 1, "palette": "#f80"}, {"band": "alpha"}]}),
    *(Case("grey16", {"min": "min", "max": "max", "dtype": name}) for name in
      ("uint8", "uint16", "float", "source")),
    *(Case("frames", {"min": "min", "max": "max", **which}, frame) for frame in (0, 1)
      for which in ({}, {"frame": 2}, {"framedelta": 1})),
    Case("frames", {"bands": [
        {"frame": 0, "min": "min", "max": "max", "palette": "#f00"},
        {"frame": 1, "min": "min", "max": "max", "palette": "#0f0"},
        {"frame": 2, "min": "min", "max": "max", "palette": "#00f"}]}),
    *(Case("icc", {"icc": icc}) for icc in
      (True, False, "perceptual", "saturation", "Relative_Colorimetric")),
    Case("icc", None), Case("icc16", None),
    Case("icc", {"bands": [{"band": 1, "palette": "#f00"}, {"band": 3, "palette": "#00f"}]}),
    Case("rgb", {"bands": [], "function": calls(MASK, values=[[51, 100, 204], 0x9B6464])}),
    Case("rgb", {"bands": RED_AND_BLUE, "function": calls(MASK, "post", values=[[51, 100, 204]],
                                                         positive=[1, 2, 3, 4])}),
    *(Case("speckled", {"bands": RED_AND_BLUE, "function": calls(MEDIAN, "main", **more)})
      for more in ({}, {"kernel": 3}, {"weight": -1}, {"kernel": 7, "weight": 0.5})),
    Case("speckled", {"band": 1, "function": calls(MEDIAN, "postband")}),
    Case("speckled", {"band": 1, "function": calls(MEDIAN, "band")}, why=HALF),
    Case("opaque", {"band": 1}, why=OPAQUE),
    Case("speckled", {"bands": RED_AND_BLUE, "function": calls(MEDIAN, "pre")},
         why="the peer styles the image as it was before the function"),
    Case("grey8", {"bands": [{"band": 1}], "function": calls(MASK, values=[51])},
         why="the peer's function fails on grey, and it passes over that"),
    Case("rgb16", {"bands": [*RED_AND_BLUE, {"band": "alpha"}]},
         why="the peer takes an alpha that is not there as 255, also where 65535 is opaque"),
]  # fmt: skip

SAMPLES = {
    "sample.png": ({"band": 1, "min": "min", "max": "max"}, {"palette": "viridis"},
                   {"bands": RED_AND_BLUE}, {"band": "blue", "min": "min:0.02", "max": "max:0.02"}),
    "boxes.tiff": ({"band": 1}, {"bands": RED_AND_BLUE, "dtype": "uint8"}),
    "world.jp2": ({"band": 3, "palette": ["#000", "#0f0"]}, {"min": "auto", "max": "auto"}),
    "rgb_geotiff.tiff": ({"band": 1, "min": "min", "max": "max"}, {"max": "full"}, {"band": 1}),
    "multi-channel-z-series.ome.tif": (
        {"min": "min", "max": "max"}, {"frame": 7, "palette": "magma"},
        {"bands": [{"frame": 0, "palette": "#f00", "min": "min", "max": "max:0.01"},
                   {"frame": 5, "palette": "#0f0", "min": "min", "max": "max:0.01"},
                   {"frame": 10, "palette": "#00f", "min": "min", "max": "max:0.01"}]}),
    "CMU-1-Small-Region.svs": ({"band": "red", "min": "min:0.01", "max": "max:0.01"},
                               {"bands": RED_AND_BLUE, "dtype": "uint8"}),
    "sample_float32_8bit_range.zarr.zip": ({"band": 1}, {"bands": RED_AND_BLUE}),
}  # fmt: skip


def write_images(folder: Path) -> dict[str, Path]:
    """Write small tiled images in which the values of 0 to 255 lie in known places."""
    across = np.tile(np.arange(256, dtype=np.uint8), (256, 1))
    rgb = np.stack([across, across.T, 255 - across], axis=-1)
    alpha = across.T[..., None]
    noise = np.random.default_rng(3).integers(0, 255, rgb.shape, np.uint8)
    images: dict[str, tuple[np.ndarray, dict[str, Any]]] = {
        "grey8": (across, {}),
        "grey16": (across.astype(np.uint16) * 10 + 100, {}),
        "int8": (across.view(np.int8) // 2, {}),
        "int16": (across.astype(np.int16) * 100 - 12800, {}),
        "float": ((across * 4.0 - 100).astype(np.float32), {}),
        "small-float": ((across / 255).astype(np.float32), {}),
        "rgb": (rgb, {}),
        "rgb16": (rgb.astype(np.uint16) * 200, {}),
        "rgba": (np.concatenate([rgb, alpha], axis=2), {"extrasamples": ["unassalpha"]}),
        "opaque": (np.concatenate([rgb // 2 + 50, alpha * 0 + 255], axis=2),
                   {"extrasamples": ["unassalpha"]}),
        "grey-alpha": (np.stack([across, across.T], axis=-1),
                       {"planarconfig": "contig", "extrasamples": ["unassalpha"]}),
        "icc": (rgb, {"iccprofile": rgb_profile()}),
        "icc16": (rgb.astype(np.uint16) * 257, {"iccprofile": rgb_profile()}),
        "speckled": (noise, {}),
    }  # fmt: skip
    paths = {name: folder / f"{name}.tif" for name in images} | {"frames": folder / "f.ome.tif"}
    for name, (pixels, options) in images.items():
        side = 256 if name == "speckled" else 64  # the peer filters tile by tile
        kind = "rgb" if pixels.shape[2:] in ((3,), (4,)) else "minisblack"
        tifffile.imwrite(paths[name], pixels, photometric=kind, tile=(side, side), **options)
    planes = np.stack([across // 4, across // 2 + 20, across]).astype(np.uint16) * 100
    axes = {"axes": "CYX"}
    tifffile.imwrite(
        paths["frames"], planes, metadata=axes, photometric="minisblack", tile=(64, 64)
    )
    return paths


def of_peer(python: str, cases: list[Any], folder: Path) -> Iterator[np.ndarray]:
    """Yield what the other library makes of each case."""
    (folder / "cases.json").write_text(json.dumps(cases))
    result = folder / "peer.npz"
    subprocess.run([python, "-c", PEER, str(folder / "cases.json"), str(result)], check=True)
    with np.load(result) as found:
        for number in range(len(cases)):
            yield found[str(number)]


def of_ours(path: str, style: Any, frame: int) -> np.ndarray:
    try:
        reader = open_reader(Path(path))
    except TileSourceError as exc:
        return np.array(str(exc))
    level = reader.info.levels[0]
    whole = Box(x=0, y=0, width=level.width, height=level.height)
    return Renderer(reader, style).region(frame, whole, level.width, level.height)


def difference(ours: np.ndarray, theirs: np.ndarray) -> float | str:
    """Return the largest difference on a scale of 0 to 255, or what is not even comparable.

    Values beyond 0 to 255 are cut: the peer goes on beyond the ends of a palette of two colours,
    but documents that it does not, and cuts them in images that it encodes.
    """
    for result in (ours, theirs):
        if result.dtype.kind == "U":
            return str(result)
    bands = min(ours.shape[2], theirs.shape[2])
    if ours.shape[:2] != theirs.shape[:2] or ours.shape[2] not in (theirs.shape[2], bands):
        return f"{ours.shape} instead of {theirs.shape}"
    full = 65535 if theirs.dtype == np.uint16 else 255
    cut = [np.clip(each[..., :bands].astype(float), 0, full) for each in (ours, theirs)]
    return float(np.abs(cut[0] - cut[1]).max()) * 255 / full


def main() -> int:
    python, samples = sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as name:
        paths = write_images(Path(name))
        rows = [(str(paths[case.image]), case.style, case.frame, case.why) for case in CASES]
        for image, styles in SAMPLES.items() if samples else ():
            why = DEEP if image == "sample.png" else ""
            rows += [(str(samples / image), style, 0, why) for style in styles]  # type: ignore[operator]
        theirs = of_peer(python, [row[:3] for row in rows], Path(name))
        unexplained = [row for row, found in zip(rows, theirs, strict=True) if not same(row, found)]
    print(f"{len(rows)} styles, {len(unexplained)} differences that are not explained")
    return len(unexplained)


def same(row: tuple[str, Any, int, str], theirs: np.ndarray) -> bool:
    path, style, frame, why = row
    ours = of_ours(path, style, frame)
    apart = difference(ours, theirs)
    fits = isinstance(apart, float) and apart <= TOLERANCE
    types = "" if ours.dtype == theirs.dtype else f" ({ours.dtype}, not {theirs.dtype})"
    told = "same" if fits else why or "DIFFERENT"
    print(f"{apart if isinstance(apart, str) else round(apart, 3)}{types} {told}: "
          f"{Path(path).name} {json.dumps(style)} frame {frame}")  # fmt: skip
    return fits or bool(why)


if __name__ == "__main__":
    sys.exit(main())
