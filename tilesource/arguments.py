"""Values that callers pass in, checked; every mistake is an InvalidRequest that names it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from PIL import ImageColor

from tilesource.errors import InvalidRequest


def number(value: object, name: str = "a value") -> float | None:
    """Return a finite number, or None for None."""
    if value is None:
        return None
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError) as exc:
        raise InvalidRequest(f"{name} is a number, not {value!r}") from exc
    if not math.isfinite(found):
        raise InvalidRequest(f"{name} is a finite number, not {value!r}")
    return found


def whole(value: object, name: str = "a value") -> int | None:
    """Return a number without its fraction, or None for None."""
    found = number(value, name)
    return None if found is None else int(found)


def record(value: object, name: str) -> Mapping[str, object]:
    """Return a dictionary, an empty one for None."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidRequest(f"{name} is a dictionary, not {value!r}")
    return value


def colour(value: str, name: str) -> str:
    """Return a colour, by its name or in any form of CSS, as `#rrggbb`."""
    try:
        red, green, blue = ImageColor.getrgb(value)[:3]
    except ValueError as exc:
        raise InvalidRequest(f"{name} is a colour such as #rrggbb, not {value!r}") from exc
    return f"#{red:02x}{green:02x}{blue:02x}"
