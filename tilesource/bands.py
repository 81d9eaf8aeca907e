"""What is known of each band: the colour it stands for, and statistics of its values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tilesource.errors import InvalidRequest
from tilesource.formats.base import Pixels

_INTERPRETATIONS = {
    1: ("gray",),
    2: ("gray", "alpha"),
    3: ("red", "green", "blue"),
    4: ("red", "green", "blue", "alpha"),
}


def interpretations(bands: int) -> tuple[str, ...]:
    """Return the colour that each band stands for, or `unknown`."""
    return _INTERPRETATIONS.get(bands, (*_INTERPRETATIONS[3], *("unknown",) * (bands - 3)))


def band_information(bands: int, statistics: Mapping[str, Pixels]) -> dict[int, dict[str, Any]]:
    """Return one record a band, numbered from 1."""
    colours = interpretations(bands)
    records: dict[int, dict[str, Any]] = {}
    for band in range(bands):
        measured = {name: values[band] for name, values in statistics.items()}
        records[band + 1] = {"interpretation": colours[band], **measured}
    return records


def one_band(records: Mapping[int, dict[str, Any]], band: int) -> dict[str, Any]:
    """Return the record of a band, numbered from 1."""
    if band not in records:
        raise InvalidRequest(f"band is 1 to {len(records)}, not {band!r}")
    return records[band]
