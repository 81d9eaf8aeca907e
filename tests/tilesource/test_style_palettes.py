"""Palettes by name and by colour."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tilesource.errors import InvalidRequest
from tilesource.histogram import histogramThreshold
from tilesource.style import named_palettes, palettes
from tilesource.style.palettes import getAvailableNamedPalettes, getPaletteColors, isValidPalette


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither matplotlib nor palettable can be imported."""

    def refuse(name: str) -> None:
        raise ImportError(name)

    for module in (palettes, named_palettes):
        monkeypatch.setattr(module.importlib, "import_module", refuse)
    named_palettes._palettable.cache_clear()
    yield
    monkeypatch.undo()
    named_palettes._palettable.cache_clear()


@pytest.mark.parametrize(("value", "expected"), [
    ("#f80", [[0, 0, 0, 255], [255, 136, 0, 255]]),
    ("#f808", [[0, 0, 0, 255], [255, 136, 0, 136]]),
    ("#ff8800", [[0, 0, 0, 255], [255, 136, 0, 255]]),
    ("rgb(1, 2, 3)", [[0, 0, 0, 255], [1, 2, 3, 255]]),
    ("lime", [[0, 0, 0, 255], [0, 255, 0, 255]]),
    (["red", "#00f"], [[255, 0, 0, 255], [0, 0, 255, 255]]),
    (("white",), [[255, 255, 255, 255]]),
    ([[1, 0.5, 0], [0, 0, 0, 0]], [[255, 128, 0, 255], [0, 0, 0, 0]]),
    (np.eye(3), [[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]]),
])  # fmt: skip
def test_colours_are_red_green_blue_and_alpha(value: Any, expected: list[list[int]]) -> None:
    assert getPaletteColors(value).tolist() == expected
    assert isValidPalette(value)


@pytest.mark.parametrize("value", [
    "x", "", "#12345", [], None, 5, {}, ["red", "x"], [[2, 0, 0]], [[-1, 0, 0]], [[0, 0]],
    [[float("nan"), 0, 0]], [["a", 0, 0]], [None], b"red", [b"red"], np.array(5), np.zeros((2, 5)),
    "os.system", "palettable", "matplotlib.Viridis_12.colors", "a" * 10**6, ["#f00"] * 10**5,
    [[[0, 0, 0]]], "__class__",
])  # fmt: skip
def test_what_is_no_palette_is_refused(value: Any) -> None:
    assert not isValidPalette(value)
    with pytest.raises(InvalidRequest):
        getPaletteColors(value)


@pytest.mark.parametrize("name", ["viridis", "plasma", "inferno", "magma"])
def test_the_built_in_palettes_are_like_the_installed_ones(
    name: str, request: pytest.FixtureRequest
) -> None:
    installed = getPaletteColors(name)
    request.getfixturevalue("nothing_installed")
    built_in = getPaletteColors(name)
    assert built_in.shape == (256, 4)
    assert np.abs(built_in - installed).max() <= 3
    assert np.array_equal(getPaletteColors(f"{name}_r"), built_in[::-1])


@pytest.mark.usefixtures("nothing_installed")
def test_without_packages_there_are_still_palettes() -> None:
    assert "viridis" in getAvailableNamedPalettes(includeColors=False)
    assert "red" in getAvailableNamedPalettes()
    assert not isValidPalette("tab10")


def test_installed_palettes_go_by_their_path() -> None:
    names = getAvailableNamedPalettes(includeColors=False)
    for name in ("matplotlib.Viridis_12", "colorbrewer.sequential.Blues_9", "cubehelix.red_16"):
        assert name in names
        assert len(getPaletteColors(name)) == int(name.rpartition("_")[2])
    assert getPaletteColors("tab10").shape == (10, 4)
    assert getPaletteColors("jet")[128, :3].tolist() == pytest.approx([125, 255, 122], abs=6)


def test_a_reduced_list_has_each_palette_once() -> None:
    names = getAvailableNamedPalettes(includeColors=False, reduced=True)
    assert "colorbrewer.sequential.Blues_9" in names
    assert not {"colorbrewer.sequential.Blues_8", "viridis_r", "red"} & set(names)


def test_every_name_is_a_palette() -> None:
    for name in getAvailableNamedPalettes()[::29]:
        assert isValidPalette(name), name


HISTOGRAM = {"hist": np.array([1, 2, 3, 4]), "bin_edges": np.array([0.0, 10, 20, 30, 40])}


@pytest.mark.parametrize(("threshold", "low", "high"), [
    (0, 0, 40), (0.05, 0, 40), (0.1, 10, 40), (0.3, 20, 40), (0.5, 20, 30), (0.6, 30, 30),
    (0.9, 30, 10), (1, 40, 0),
])  # fmt: skip
def test_a_threshold_excludes_no_more_than_its_share(
    threshold: float, low: float, high: float
) -> None:
    assert histogramThreshold(HISTOGRAM, threshold) == low
    assert histogramThreshold(HISTOGRAM, threshold, fromMax=True) == high


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan"), "x", None, []])
def test_a_threshold_that_is_no_share_is_refused(threshold: Any) -> None:
    with pytest.raises(InvalidRequest, match="threshold"):
        histogramThreshold(HISTOGRAM, threshold)


@pytest.mark.parametrize("record", [{}, None, {"hist": [1], "bin_edges": [0]}])
def test_what_is_no_histogram_has_no_threshold(record: Any) -> None:
    with pytest.raises(InvalidRequest):
        histogramThreshold(record, 0.5)
