"""Ask one library about one image, and save all that it answers.

    python grid_probes.py tilesource image.tiff answers

Either library can be asked, each by its own Python: this file needs nothing but NumPy. It writes
`answers.json` and the arrays of `answers.npz`.
"""

from __future__ import annotations

import importlib
import json
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Probe = tuple[str, Callable[[], Any]]
SEED = 5


def main(library: str, image: str, answers: str) -> None:
    warnings.simplefilter("ignore")
    source = importlib.import_module(library).open(image)
    arrays: dict[str, np.ndarray] = {}
    found = {name: answer(name, ask, arrays) for name, ask in probes(source)}
    with open(f"{answers}.json", "w", encoding="utf-8") as file:
        json.dump(found, file, default=plain)
    np.savez(f"{answers}.npz", **arrays)


def answer(name: str, ask: Callable[[], Any], arrays: dict[str, np.ndarray]) -> Any:
    """Return what a probe gives; arrays are put aside, and an error is told by its kind only."""
    try:
        found = ask()
    except Exception as exc:  # noqa: BLE001 - whatever it is, it is an answer
        return {"error": type(exc).__name__}
    if isinstance(found, np.ndarray):
        arrays[name] = found
        return {"shape": list(found.shape), "dtype": str(found.dtype)}
    return found


def plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else repr(value)


def probes(source: Any) -> Iterator[Probe]:
    """Yield the questions; the same ones for the same image, whichever library answers."""
    yield "metadata", source.getMetadata
    yield "native", source.getNativeMagnification
    yield "frames", lambda: source.frames
    yield "bands", source.getBandInformation
    yield "bounds", source.getBounds
    yield "thumbnail", lambda: source.getThumbnail(format="numpy")[0]
    for level in range(-1, source.levels + 1):
        yield f"scale of {level}", lambda level=level: source.getMagnificationForLevel(level)
        yield f"preferred {level}", lambda level=level: source.getPreferredLevel(level)
    yield from scale_probes(source)
    chance = random.Random(SEED)
    for number in range(40):
        arguments = random_request(source, chance)
        yield from region_probes(source, number, arguments)
        yield from tile_probes(source, number, arguments | random_tiling(chance))
    yield from histogram_probes(source)
    for z in range(source.levels):
        yield f"tile {z}", lambda z=z: source.getTile(0, 0, z, numpyAllowed="always")


def scale_probes(source: Any) -> Iterator[Probe]:
    native = source.getNativeMagnification()["magnification"] or 20
    for share in (0.01, 0.1, 0.25, 0.3, 0.35, 0.5, 0.7, 0.71, 1, 1.3, 4):
        for rounding in ("round", "ceil", False, None):
            for exact in (False, True):
                options = {"magnification": native * share, "exact": exact, "rounding": rounding}
                yield (
                    f"level for {share} {rounding} {exact}",
                    lambda options=options: source.getLevelForMagnification(**options),
                )


def random_request(source: Any, chance: random.Random) -> dict[str, Any]:
    """Return a region in some unit, shown in some size."""
    width, height = source.sizeX, source.sizeY
    scale = source.getNativeMagnification()
    units = {"base_pixels": (width, height), "fraction": (1, 1)}
    if scale["mm_x"]:
        units["mm"] = (width * scale["mm_x"], height * scale["mm_y"])
    unit = chance.choice(list(units))
    region: dict[str, Any] = {"units": unit}
    for names, length in (
        (("left", "right", "width"), units[unit][0]),
        (("top", "bottom", "height"), units[unit][1]),
    ):
        for name in chance.sample(names, chance.choice((0, 1, 2))):
            value = chance.uniform(0, 1.1) * length
            region[name] = int(value) if unit == "base_pixels" else value
    request: dict[str, Any] = {"region": region}
    shown = chance.choice(("full", "half", "size", "scale"))
    if shown == "size":
        request["output"] = {"maxWidth": chance.randint(10, 400)}
    elif shown != "full" and scale["mm_x"]:
        step = 2 if shown == "half" else chance.uniform(1, 6)
        request["scale"] = {"mm_x": scale["mm_x"] * step}
    return request


def random_tiling(chance: random.Random) -> dict[str, Any]:
    tiling: dict[str, Any] = {}
    size = chance.randint(20, 200)
    if chance.random() < 0.6:
        tiling["tile_size"] = {"width": size, "height": chance.randint(20, 200)}
        if chance.random() < 0.5:
            overlap = {"x": chance.randint(0, 19), "y": chance.randint(0, 19)}
            tiling["tile_overlap"] = overlap | {"edges": chance.random() < 0.5}
    if chance.random() < 0.2:
        tiling["resample"] = False
    return tiling


def region_probes(source: Any, number: int, arguments: dict[str, Any]) -> Iterator[Probe]:
    told = json.dumps(arguments)
    yield f"region {number} {told}", lambda: source.getRegion(format="numpy", **arguments)[0]
    yield (
        f"convert {number} {told}",
        lambda: source.convertRegionScale(arguments["region"], targetUnits="fraction"),
    )


def tile_probes(source: Any, number: int, arguments: dict[str, Any]) -> Iterator[Probe]:
    told = json.dumps(arguments)
    yield f"count {number} {told}", lambda: source.getTileCount(**arguments)
    for place in (0, 1, 5):
        yield (
            f"facts {number} {place} {told}",
            lambda place=place: facts(source.getSingleTile(tile_position=place, **arguments)),
        )
        yield (
            f"pixels {number} {place} {told}",
            lambda place=place: source.getSingleTile(tile_position=place, **arguments)["tile"],
        )


def facts(tile: Any) -> Any:
    """Return all of a tile but its pixels, or None if there is no tile."""
    return tile and {name: value for name, value in tile.items() if name not in ("tile", "format")}


def histogram_probes(source: Any) -> Iterator[Probe]:
    yield "extremes", lambda: source.histogram(onlyMinMax=True)
    yield "histogram", lambda: source.histogram(bins=16)
    yield "histogram of bytes", lambda: source.histogram(bins=16, dtype="uint8", density=True)
    yield "histogram in a range", lambda: source.histogram(bins=7, range=[10, 200])


if __name__ == "__main__":
    main(*sys.argv[1:])
