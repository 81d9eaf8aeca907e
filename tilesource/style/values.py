"""Single values out of a dictionary that anybody may have written, checked one by one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tilesource.errors import InvalidRequest


def number(key: str, value: object) -> float | None:
    """Return a finite number, also one written as text, or None for None."""
    if value is None:
        return None
    if not isinstance(value, bool):
        try:
            found = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            found = math.nan
        if math.isfinite(found):
            return found
    raise InvalidRequest(f"{key} is a finite number, not {repr(value)[:100]}")


def whole(key: str, value: object) -> int | None:
    """Return a whole number, also one written as text or with a fraction of 0, or None for None."""
    found = number(key, value)
    if found is None:
        return None
    if not found.is_integer() or abs(found) > 1 << 53:
        raise InvalidRequest(f"{key} is a whole number, not {repr(value)[:100]}")
    return int(found)


def boolean(key: str, value: object) -> bool:
    """Return true or false; null and 0 are false, as they are in JavaScript."""
    if value is None or (isinstance(value, bool | int | float) and value in (0, 1)):
        return bool(value)
    raise InvalidRequest(f"{key} is true or false, not {repr(value)[:100]}")


def one_of(key: str, value: object, choices: Sequence[str]) -> str | None:
    """Return one of the names, or None for None."""
    if value is None or (isinstance(value, str) and value in choices):
        return value
    raise InvalidRequest(f"{key} is one of {', '.join(choices)}, not {repr(value)[:100]}")
