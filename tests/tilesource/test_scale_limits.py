"""Scales that nobody can mean are refused before they overflow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import tilesource
from tilesource.errors import InvalidRequest


@pytest.mark.parametrize("scale", [{"mm_x": 1e-320}, {"mm_x": 1, "mm_y": 1e-320}])
def test_a_scale_may_not_be_too_far_off(
    sample: Callable[[str], Path], scale: dict[str, float]
) -> None:
    with tilesource.open(sample("aperio.svs")) as source, pytest.raises(InvalidRequest):
        source.region_size(scale=scale)


def test_pixels_of_a_scale_may_not_be_too_far_off(sample: Callable[[str], Path]) -> None:
    region = {"units": "pixels", "left": 0, "width": 1}
    with tilesource.open(sample("aperio.svs")) as source, pytest.raises(InvalidRequest):
        source.region_size(region=region, scale={"magnification": 1e-320})
