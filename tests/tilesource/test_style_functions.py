"""Functions that a style calls: which, when, and with what."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any

import numpy as np
import pytest

from tests.tilesource.arrays import render, row
from tilesource.errors import InvalidRequest
from tilesource.style import functions
from tilesource.style.context import StyleContext
from tilesource.stylefuncs import maskPixelValues, medianFilter

MASK = "large_image.tilesource.stylefuncs.maskPixelValues"
MEDIAN = "tilesource.stylefuncs.medianFilter"
STAGES = ("pre", "preband", "band", "postband", "main", "post")
RGB = row((51, 100, 204), (60, 100, 195))


def context_of(image: np.ndarray) -> StyleContext:
    return StyleContext(image=image, mainImage=image, output=image, frame=0, mainFrame=0)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The functions that styles may call, to which a test can add its own."""
    names = dict(functions._allowed())
    monkeypatch.setattr(functions, "_allowed", lambda: names)
    return names


@pytest.mark.parametrize("values", [
    [[51, 100, 204]], [(51, 100, 204)], [0xCC6433], [0, 0xCC6433], [[51, 100, 204, 255]],
])  # fmt: skip
def test_pixels_of_a_value_are_masked(values: list[Any]) -> None:
    masked = maskPixelValues(RGB, context_of(RGB), values=values)
    assert masked.tolist() == [[[255, 255, 255, 0], [0, 0, 0, 255]]]


def test_a_mask_may_have_other_colours() -> None:
    masked = maskPixelValues(
        RGB, context_of(RGB), [0xCC6433], positive=[1, 2, 3, 4], negative=[5, 6, 7, 8]
    )
    assert masked.tolist() == [[[1, 2, 3, 4], [5, 6, 7, 8]]]


def test_a_mask_of_grey_takes_the_value_itself() -> None:
    grey = row(300, 5, dtype="uint16")
    assert maskPixelValues(grey, context_of(grey), [300])[0, :, 3].tolist() == [0, 255]


def test_a_mask_of_rgba_takes_opaque_pixels() -> None:
    rgba = row((51, 100, 204, 255), (51, 100, 204, 9))
    assert maskPixelValues(rgba, context_of(rgba), [0xCC6433])[0, :, 3].tolist() == [0, 255]
    assert maskPixelValues(rgba, context_of(rgba), [[51, 100, 204, 9]])[0, 1, 3] == 0


@pytest.mark.parametrize("weight", [1, 0.5, -1, 0])
def test_the_median_filter_sharpens(weight: float) -> None:
    image = np.random.default_rng(1).integers(60, 190, (9, 8, 3), np.uint8)
    padded = np.pad(image, ((1, 1), (1, 1), (0, 0)), mode="edge")
    around = [padded[y : y + 9, x : x + 8] for y in range(3) for x in range(3)]
    median = np.median(np.stack(around), axis=0)
    expected = np.clip(np.rint(image + weight * (image - median)), 0, 255)
    assert np.array_equal(medianFilter(image, kernel=3, weight=weight), expected)


@pytest.mark.parametrize("parameters", [
    {"kernel": 4}, {"kernel": 0}, {"kernel": -1}, {"kernel": 9999}, {"kernel": "x"},
    {"weight": None}, {"weight": float("nan")}, {"size": 3},
])  # fmt: skip
def test_a_filter_that_makes_no_sense_is_refused(parameters: dict[str, Any]) -> None:
    call = {"name": MEDIAN, "stage": "main", "parameters": parameters}
    with pytest.raises(InvalidRequest, match=r"kernel|weight|size"):
        render(RGB, style={"bands": [{"band": 1}], "function": call})


@pytest.mark.parametrize("parameters", [
    {}, {"values": 5}, {"values": "ab"}, {"values": [None]}, {"values": [[1]]}, {"values": [-1]},
    {"values": [[1, 2, "x"]]}, {"values": [0] * 9999}, {"values": [], "positive": [1]},
    {"values": [], "negative": [300, 0, 0, 0]}, {"values": [], "negative": 5},
])  # fmt: skip
def test_a_mask_that_makes_no_sense_is_refused(parameters: dict[str, Any]) -> None:
    call = {"name": MASK, "context": True, "parameters": parameters}
    with pytest.raises(InvalidRequest):
        render(RGB, style={"bands": [], "function": call})


def test_a_mask_takes_the_place_of_the_image() -> None:
    call = {"name": MASK, "context": True, "parameters": {"values": [0xCC6433]}}
    masked = render(RGB, style={"bands": [{"band": 1}], "function": call})
    assert (masked.dtype, masked[0, :, 3].tolist()) == (np.uint8, [0, 255])


def test_stages_come_in_order_and_with_their_arrays(known: dict[str, Any]) -> None:
    seen: list[tuple[str, tuple[int, ...], str]] = []

    def watch(image: np.ndarray, context: StyleContext) -> np.ndarray:
        seen.append((context.stage, image.shape, str(image.dtype)))
        return image

    known["watch"] = watch
    call = {"name": "watch", "context": True, "stage": list(STAGES)}
    style = {"bands": [{"band": 1, "function": call}], "function": call, "dtype": "uint16"}
    plain = render(RGB, style={"bands": [{"band": 1}], "dtype": "uint16"})
    assert np.array_equal(render(RGB, style=style), plain)
    assert seen == [
        ("pre", (1, 2, 3), "uint8"), ("preband", (1, 2), "uint8"), ("band", (1, 2), "float64"),
        ("postband", (1, 2, 4), "float32"), ("main", (1, 2, 4), "float32"),
        ("post", (1, 2, 4), "uint16"),
    ]  # fmt: skip


@pytest.mark.parametrize(("stage", "red"), [
    ("pre", 61), ("preband", 61), ("postband", 61), ("main", 61), ("post", 61),
])  # fmt: skip
def test_what_a_function_returns_is_gone_on_with(
    known: dict[str, Any], stage: str, red: int
) -> None:
    known["brighter"] = lambda image, by: image + by
    call = {"name": "brighter", "stage": stage, "parameters": {"by": 10}}
    style = {"bands": [{"band": 1, "function": call}], "function": call}
    assert render(RGB, style=style)[0, 0, 0] == red


def test_functions_are_installed_as_entry_points(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        EntryPoint(name="flip", value="numpy:flipud", group=functions.ENTRY_POINTS),
        EntryPoint(name="gone", value="no_such_module:x", group=functions.ENTRY_POINTS),
    ]
    found = functions._allowed.__wrapped__
    monkeypatch.setattr(functions.importlib.metadata, "entry_points", lambda group: entries)
    monkeypatch.setattr(functions, "_allowed", found)
    assert functions.find_function("flip") is np.flipud
    for name in ("gone", "numpy.flipud", "numpy:flipud"):
        with pytest.raises(InvalidRequest, match="no style function"):
            functions.find_function(name)


def test_a_function_without_a_stage_is_called_once(known: dict[str, Any]) -> None:
    calls: list[int] = []
    known["count"] = lambda image: calls.append(image.ndim) or image
    render(RGB, style={"band": 1, "function": "count"})
    render(RGB, style={"bands": [{"band": 1}], "function": "count"})
    assert calls == [2, 3]


def test_the_context_may_have_another_name(known: dict[str, Any]) -> None:
    known["named"] = lambda image, about: image * about.image.shape[2]
    style = {"bands": [{"band": 1}], "function": {"name": "named", "context": "about"}}
    assert render(RGB, style=style)[0, 0, 0] == 153


@pytest.mark.parametrize("result", [None, 5, np.zeros((2, 2, 4)), np.zeros(3)])
@pytest.mark.parametrize("stage", STAGES)
def test_a_function_returns_an_image(known: dict[str, Any], result: Any, stage: str) -> None:
    known["odd"] = lambda image: result
    call = {"name": "odd", "stage": stage}
    with pytest.raises(InvalidRequest, match="odd"):
        render(RGB, style={"bands": [{"band": 1, "function": call}], "function": call})


def test_a_function_that_fails_is_named(known: dict[str, Any]) -> None:
    known["broken"] = lambda image: image[999]
    with pytest.raises(InvalidRequest, match="broken failed"):
        render(RGB, style={"bands": [{"band": 1}], "function": "broken"})
