"""Palettes by name: those of palettable and matplotlib, if installed, and the commonest without."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np

from tilesource.style.model import GREY, Colours

_SHADES = 256  # of a palette that is a smooth function

# 33 colours, evenly spaced, of palettes by Stefan van der Walt and Nathaniel Smith, which they
# gave to the public domain (CC0): https://bids.github.io/colormap/
_SAMPLED = {
    "viridis": (
        "440154470d6048186a482374472d7b4537814240863e49893b528b375b8d33638d"
        "2f6b8e2c728e297a8e26828e23898e21918c1f978b1f9f8821a68527ad8131b57b"
        "3dbc744cc26c5cc8636ece5881d34d95d840aadc32c0df25d5e21aeae51afde725"
    ),
    "plasma": (
        "0d08872206903105973f049c4c02a15901a56600a77201a87e03a88a09a59511a1"
        "a01a9caa2395b32c8ebc3587c43e7fcc4778d24f71d9586adf6263e56b5deb7556"
        "f07f4ff48948f89441fb9f3afdab33feb72dfdc328fcd025f9dd25f5eb27f0f921"
    ),
    "inferno": (
        "0000040403120b0724150b37210c4a2f0a5b3d09654a0c6b57106e64156e71196e"
        "7d1e6d8a226a972766a32c61b0315bbc3754c63d4dd04545da4e3ce35933eb6429"
        "f1711ff67e14f98c0afb9b06fcaa0ffbba1ff9c932f5d949f2e865f3f586fcffa4"
    ),
    "magma": (
        "0000040303120a0822130d341d114729115a36106b440f7651127c5d177f6a1c81"
        "762181832681902a819c2e7faa337db73779c23b75cf4070db476ae55064ee5b5e"
        "f4695cf9785dfb8761fd9668fea571feb47bfec287fed194fde0a1fceeb0fcfdbf"
    ),
}


def named_palette(name: str) -> Colours | None:
    """Return a palette's colours, or None if no installed package has one of the name."""
    if name in _palettable():
        return _opaque(_palettable()[name])
    maps = _matplotlib_maps()
    if name in maps:
        found = maps[name]
        shades = found.N if hasattr(found, "colors") else _SHADES
        sampled: Colours = np.rint(found(np.linspace(0, 1, shades)) * 255).astype(int)
        return sampled
    colours = _built_in(name.removesuffix("_r"))
    return colours[::-1] if colours is not None and name.endswith("_r") else colours


def palette_names() -> list[str]:
    """Return the names of all palettes that can be had here."""
    built_in = ["gray", *_SAMPLED]
    reversed_ones = [f"{name}_r" for name in built_in]
    return sorted({*built_in, *reversed_ones, *_palettable(), *_matplotlib_maps()})


def _built_in(name: str) -> Colours | None:
    if name == "gray":
        return GREY
    if name not in _SAMPLED:
        return None
    samples = np.frombuffer(bytes.fromhex(_SAMPLED[name]), np.uint8).reshape(-1, 3)
    places = np.linspace(0, _SHADES - 1, len(samples))
    bands = [np.interp(np.arange(_SHADES), places, band) for band in samples.T]
    return _opaque(np.rint(np.stack(bands, axis=-1)))


def _opaque(colours: Any) -> Colours:
    rgb = np.asarray(colours).astype(int)
    return np.concatenate([rgb, np.full((len(rgb), 1), 255)], axis=1)


def _matplotlib_maps() -> Mapping[str, Any]:
    try:
        maps: Mapping[str, Any] = importlib.import_module("matplotlib").colormaps
    except ImportError:
        return {}
    return maps


@functools.cache
def _palettable() -> dict[str, list[list[int]]]:
    """Return palettable's palettes by the path to them, as in matplotlib.Viridis_12."""
    try:
        package = importlib.import_module("palettable")
        kind = importlib.import_module("palettable.palette").Palette
    except ImportError:
        return {}
    found: dict[str, list[list[int]]] = {}
    for module in _modules(package):
        path = module.__name__.partition(".")[2]
        for name, value in vars(module).items():
            if isinstance(value, kind):
                found[f"{path}.{name}"] = value.colors
    return found


def _modules(package: ModuleType) -> list[ModuleType]:
    """Return the modules one and two below palettable that hold palettes, not what defines them.

    Where a package has one module of its own name, it shows that one's palettes itself.
    """
    modules = []
    for part in pkgutil.iter_modules(package.__path__, "palettable."):
        if not part.ispkg or part.name.endswith(".tests"):
            continue
        module = importlib.import_module(part.name)
        below = [
            found.name
            for found in pkgutil.iter_modules(module.__path__, f"{part.name}.")
            if found.name.rpartition(".")[2] in ("diverging", "qualitative", "sequential")
        ]
        modules += [importlib.import_module(name) for name in below] or [module]
    return modules
