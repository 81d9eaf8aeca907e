"""What can be set of a new image beside its tiles, checked when it is set."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tilesource.arguments import colour, number, record, whole
from tilesource.errors import InvalidRequest
from tilesource.geometry import Box

_BARE_COLOUR = re.compile("[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Sizes in pixels, millimetres a pixel, the part that is written, channels and notes."""

    min_width: int | None = None
    min_height: int | None = None
    mm_x: float | None = None
    mm_y: float | None = None
    crop: Box | None = None
    channels: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()  # of the channels, as `rrggbb`
    description: str | None = None
    notes: Mapping[str, Any] | None = None


def positive_size(name: str, value: object) -> int | None:
    """Return a number of pixels, or None for None."""
    size = whole(value, name)
    if size is not None and not 0 < size < 1 << 31:
        raise InvalidRequest(f"{name} is a positive number of pixels or None, not {value!r}")
    return size


def positive_length(name: str, value: object) -> float | None:
    """Return a number of millimetres, or None for None."""
    length = number(value, name)
    if length is not None and length <= 0:
        raise InvalidRequest(f"{name} is a positive number of millimetres or None, not {value!r}")
    return length


def crop_of(value: object) -> Box | None:
    """Return the box that x, y, width and height tell, or None for None."""
    if value is None:
        return None
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 4:
        raise InvalidRequest(f"a crop is (x, y, width, height), not {value!r}")
    x, y, width, height = (whole(part, "a part of a crop") or 0 for part in value)
    if min(x, y) < 0 or min(width, height) < 1:
        raise InvalidRequest(
            f"a crop's x and y are not negative, and its size is positive: {value!r}"
        )
    return Box(x=x, y=y, width=width, height=height)


def names_of(value: object) -> tuple[str, ...]:
    """Return the names of channels, none for None."""
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise InvalidRequest(f"the names of channels are a list, not {value!r}")
    return tuple(str(name) for name in value)


def colours_of(value: object) -> tuple[str, ...]:
    """Return the colours of channels as `rrggbb`, none for None; the `#` may be left out."""
    return tuple(
        colour(f"#{text}" if _BARE_COLOUR.fullmatch(text) else text, "a channel's colour")
        for text in names_of(value)
    )


def notes_of(value: object) -> Mapping[str, Any] | None:
    """Return what else is to be noted of an image, which must be something that JSON can say."""
    if value is None:
        return None
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as exc:
        raise InvalidRequest(f"additional metadata is what JSON can say, not {value!r}") from exc
    return record(value, "additional metadata")
