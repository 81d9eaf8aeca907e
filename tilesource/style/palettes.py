"""Palettes: lists of colours, by name or one by one."""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from types import ModuleType
from typing import TypeGuard

import numpy as np
from PIL import ImageColor

from tilesource.errors import InvalidRequest
from tilesource.style.model import Colours
from tilesource.style.named_palettes import named_palette, palette_names

_BLACK = np.array([0, 0, 0, 255])
_MOST_COLOURS = 1 << 12
_LONGEST_NAME = 100
_COUNTED = re.compile(r"(.+)_(\d+)")


def getPaletteColors(value: str | Sequence[object]) -> Colours:
    """Return (colours, 4): red, green, blue and alpha of 0 to 255, as whole numbers.

    A list holds colour names, or three or four numbers of 0 to 1 each; a single colour is taken
    as black to that colour; any other text is the name of a palette.
    """
    if isinstance(value, str):
        return _by_name(value)
    if not _is_list(value) or not len(value):
        raise InvalidRequest(f"{_shown(value)} is neither a palette's name nor a list of colours")
    if len(value) > _MOST_COLOURS:
        raise InvalidRequest(f"a palette of {len(value):,} colours has more than {_MOST_COLOURS:,}")
    return np.array([_list_entry(each) for each in value])


def isValidPalette(value: object) -> bool:
    """Tell whether getPaletteColors takes the value."""
    try:
        getPaletteColors(value)  # type: ignore[arg-type]
    except InvalidRequest:
        return False
    return True


def getAvailableNamedPalettes(includeColors: bool = True, reduced: bool = False) -> list[str]:
    """Return the names that getPaletteColors knows, sorted.

    Reduced, palettes that are reversed, or that exist with more colours, are left out.
    """
    names = set(palette_names())
    if reduced:
        names = _largest({name for name in names if not name.endswith("_r")})
    return sorted(names | _colour_names() if includeColors else names)


def _by_name(name: str) -> Colours:
    if len(name) > _LONGEST_NAME:
        raise InvalidRequest(f"a palette's name has up to {_LONGEST_NAME} letters: {_shown(name)}")
    colour = _colour(name)
    if colour is not None:
        return np.array([_BLACK, colour])
    palette = named_palette(name)
    if palette is None:
        raise InvalidRequest(f"{_shown(name)} is neither a colour nor the name of a palette")
    return palette


def _list_entry(value: object) -> Colours:
    colour = _colour(value) if isinstance(value, str) else _from_fractions(value)
    if colour is None:
        raise InvalidRequest(f"{_shown(value)} is not a colour")
    return colour


def _from_fractions(value: object) -> Colours | None:
    """Return a colour of three or four numbers of 0 to 1, or None if it is none."""
    if not _is_list(value) or len(value) not in (3, 4):
        return None
    try:
        numbers = np.array([*value, 1][:4], np.float64)
    except (TypeError, ValueError, OverflowError):
        return None
    if numbers.shape != (4,) or not ((numbers >= 0) & (numbers <= 1)).all():
        return None
    return np.rint(numbers * 255).astype(int)


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim > 0)


def _colour(text: str) -> Colours | None:
    """Return a colour that Pillow or else matplotlib understands, or None."""
    if not 0 < len(text) <= _LONGEST_NAME:
        return None
    try:
        return np.clip(ImageColor.getcolor(text, "RGBA"), 0, 255)
    except ValueError:
        return _matplotlib_colour(text)


def _matplotlib_colour(text: str) -> Colours | None:
    module = _matplotlib_colours()
    if module is None or not module.is_color_like(text):
        return None
    colour: Colours = np.rint(np.array(module.to_rgba(text)) * 255).astype(int)
    return colour


def _colour_names() -> set[str]:
    module = _matplotlib_colours()
    return set(ImageColor.colormap) | (set(module.get_named_colors_mapping()) if module else set())


def _matplotlib_colours() -> ModuleType | None:
    try:
        return importlib.import_module("matplotlib.colors")
    except ImportError:
        return None


def _largest(names: set[str]) -> set[str]:
    """Return the names without those of the same palette in fewer colours."""
    most: dict[str, int] = {}
    for name in names:
        if found := _COUNTED.fullmatch(name):
            most[found[1]] = max(int(found[2]), most.get(found[1], 0))
    return {
        name
        for name in names
        if not (found := _COUNTED.fullmatch(name)) or int(found[2]) == most[found[1]]
    }


def _shown(value: object) -> str:
    return repr(value)[:_LONGEST_NAME]
