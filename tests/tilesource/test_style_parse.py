"""Styles that make no sense are refused, with a sentence that names the key."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tilesource.arrays import render, row
from tilesource.errors import InvalidRequest
from tilesource.style.model import Limit
from tilesource.style.parse import parse_style

WRONG: list[tuple[str, Any]] = [
    ("style", "{"), ("style", "[]"), ("style", "5"), ("style", "null"), ("style", ""),
    ("style", []), ("style", 5), ("style", "[" * 100_000), ("style", "1" * 10_000),
    ("style", " " * (1 << 21)),
    ("bands", {"bands": None}), ("bands", {"bands": "x"}), ("bands", {"bands": [1]}),
    ("bands", {"bands": {"band": 1}}), ("bands", {"bands": [{}] * 1000}),
    ("band", {"band": "purple"}), ("band", {"band": 0}), ("band", {"band": -2}),
    ("band", {"band": 1.5}), ("band", {"band": True}), ("band", {"band": []}),
    ("band", {"band": 1e300}), ("band", {"band": ""}), ("band", {"band": "9" * 400}),
    ("frame", {"frame": -1}), ("frame", {"frame": 0.5}), ("frame", {"frame": "x"}),
    ("frame", {"frame": 1 << 60}), ("framedelta", {"framedelta": "x"}),
    ("framedelta", {"framedelta": math.inf}),
    ("min", {"min": "low"}), ("min", {"min": math.nan}), ("min", {"min": [1]}),
    ("min", {"min": True}), ("min", {"min": "min:2"}), ("min", {"min": "min:-0.1"}),
    ("min", {"min": "min:"}), ("min", {"min": "min:x"}), ("max", {"max": "full:0.1"}),
    ("max", {"max": "nan"}), ("max", {"max": {}}), ("max", {"max": "1e999"}),
    ("palette", {"palette": None}), ("palette", {"palette": []}), ("palette", {"palette": 5}),
    ("palette", {"palette": "os.system"}), ("palette", {"palette": ["#f00", "x"]}),
    ("palette", {"palette": ["#f00"] * 10_000}), ("palette", {"palette": [[2, 0, 0]]}),
    ("palette", {"palette": {"a": 1}}), ("palette", {"palette": "x" * 10_000}),
    ("scheme", {"scheme": "stairs"}), ("scheme", {"scheme": 1}),
    ("nodata", {"nodata": "none"}), ("nodata", {"nodata": []}),
    ("clamp", {"clamp": "no"}), ("clamp", {"clamp": [True]}),
    ("composite", {"composite": "over"}), ("composite", {"composite": ["lighten"]}),
    ("dtype", {"dtype": "object"}), ("dtype", {"dtype": "S4"}), ("dtype", {"dtype": 8}),
    ("axis", {"axis": 4}), ("axis", {"axis": -1}), ("axis", {"axis": "red"}),
    ("icc", {"icc": "pretty"}), ("icc", {"icc": 2}), ("icc", {"icc": [1]}),
    ("function", {"function": 5}), ("function", {"function": "os.system"}),
    ("function", {"function": {"name": "tilesource.open"}}), ("function", {"function": {}}),
    ("function", {"function": {"name": ["x"]}}), ("function", {"function": [None]}),
    ("function", {"function": ["tilesource.stylefuncs.medianFilter"] * 99}),
    ("function", {"function": {"name": "tilesource.stylefuncs.medianFilter", "parameters": [1]}}),
    ("stage", {"function": {"name": "tilesource.stylefuncs.medianFilter", "stage": "never"}}),
    ("stage", {"function": {"name": "tilesource.stylefuncs.medianFilter", "stage": [[]]}}),
]  # fmt: skip


@pytest.mark.parametrize(("key", "style"), WRONG)
def test_what_makes_no_sense_is_refused_by_name(key: str, style: Any) -> None:
    with pytest.raises(InvalidRequest, match=key) as refused:
        parse_style(style)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize("style", [None, {}, "{}"])
def test_no_style_is_no_style(style: Any) -> None:
    assert parse_style(style).bands is None


def test_a_style_may_be_json() -> None:
    style = parse_style('{"bands": [{"band": 2, "min": "min:0.02", "max": "200"}], "axis": 1}')
    assert style.bands is not None
    band = style.bands[0]
    assert (band.band, style.axis) == (2, 1)
    assert (band.low, band.high) == (
        Limit(kind="min", value=0.02), Limit(kind="number", value=200),
    )  # fmt: skip


def test_only_icc_leaves_the_bands_as_they_are() -> None:
    style = parse_style({"icc": False})
    assert (style.bands, style.icc) == (None, False)


@pytest.mark.parametrize("style", [
    {"frame": 1}, {"framedelta": 1}, {"framedelta": -1}, {"bands": [{}, {"frame": 9}]},
])  # fmt: skip
def test_a_frame_that_the_image_has_not_is_refused(style: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match=r"not one of"):
        render(row((1, 2, 3)), style=style)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)
KEYS = st.sampled_from([
    "band", "bands", "frame", "framedelta", "min", "max", "palette", "scheme", "nodata", "clamp",
    "composite", "dtype", "axis", "icc", "function",
])  # fmt: skip
LIKELY = st.sampled_from([
    1, 0, -1, 1e308, -1e308, 5e-324, "min", "max", "auto:0.5", "#f00", "red", "source", "uint8",
    "discrete", "multiply", True, False, ["#f00", "#00f"], [{"band": 1}, {"band": "alpha"}],
])  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(KEYS, ANYTHING | LIKELY, max_size=5), st.sampled_from("uif"))
def test_any_style_is_drawn_or_refused(style: dict[str, Any], kind: str) -> None:
    pixels = np.arange(24).reshape(2, 3, 4).astype(f"{kind}4")
    try:
        shown = render(pixels, style=style)
    except InvalidRequest:
        return
    assert shown.shape[:2] == (2, 3)
