from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

import tilesource
from tests.tilesource.images import noise, smooth
from tilesource.errors import InvalidRequest
from tilesource.histogram import HistogramOptions, histogram_of, statistics_of

DTYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int64", "float32", "float64"]


def blocks_of(pixels: np.ndarray, rows: int = 7) -> list[np.ndarray]:
    return [pixels[top : top + rows] for top in range(0, len(pixels), rows)]


def picture(dtype: str) -> np.ndarray:
    values = smooth(50, 40).astype(float) - (60 if np.dtype(dtype).kind != "u" else 0)
    return values.clip(-128, 127).astype(dtype) if dtype == "int8" else values.astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_blocks_give_what_numpy_gives_of_the_whole(dtype: str) -> None:
    pixels = picture(dtype)
    found = histogram_of(lambda: blocks_of(pixels), HistogramOptions(bins=13))
    for band, record in enumerate(found["histogram"]):
        values = pixels[..., band]
        limits = (float(values.min()), float(values.max()) + 1)
        hist, edges = np.histogram(values, 13, limits)
        assert (record["range"], record["samples"]) == (limits, values.size)
        assert np.array_equal(record["hist"], hist)
        assert np.allclose(record["bin_edges"], edges)
        assert (record["mean"], record["stdev"]) == pytest.approx(
            (values.mean(), values.astype(float).std())
        )


@pytest.mark.parametrize("dtype", DTYPES)
def test_extremes_are_of_the_type_of_the_pixels(dtype: str) -> None:
    pixels = picture(dtype)
    found = statistics_of(blocks_of(pixels))
    assert found["min"].dtype == found["max"].dtype == np.dtype(dtype)
    assert np.array_equal(found["max"], pixels.max(axis=(0, 1)))


@settings(max_examples=40, deadline=None)
@given(
    values=st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=60),
    rows=st.integers(1, 20),
)
def test_moments_merge(values: list[float], rows: int) -> None:
    pixels = np.array(values, np.float32).reshape(-1, 1, 1)
    found = statistics_of(blocks_of(pixels, rows))
    assert found["mean"][0] == pytest.approx(np.mean(values), rel=1e-6, abs=1e-3)
    assert found["stdev"][0] == pytest.approx(np.std(values), rel=1e-6, abs=1e-2)


def test_a_range_leaves_values_out_and_density_counts_the_rest() -> None:
    pixels = np.arange(100, dtype=np.uint8).reshape(10, 10, 1)
    options = HistogramOptions(bins=4, range=(0, 80), density=True)
    (record,) = histogram_of(lambda: [pixels], options)["histogram"]
    assert record["samples"] == 81  # the last bin takes its upper edge in
    assert record["hist"].sum() == pytest.approx(1)


def test_bins_may_be_edges() -> None:
    pixels = np.arange(10, dtype=np.uint8).reshape(10, 1, 1)
    (record,) = histogram_of(lambda: [pixels], HistogramOptions(bins=[0, 5, 20]))["histogram"]
    assert record["hist"].tolist() == [5, 5]


def test_what_is_not_finite_is_left_out() -> None:
    pixels = np.array([1, 2, np.nan, np.inf, 3], np.float32).reshape(5, 1, 1)
    (record,) = histogram_of(lambda: [pixels])["histogram"]
    assert (record["min"], record["max"], record["samples"]) == (1, 3, 3)


def test_truth_values_count_as_0_and_1() -> None:
    pixels = np.array([True, False, True]).reshape(3, 1, 1)
    (record,) = histogram_of(lambda: [pixels])["histogram"]
    assert (record["min"], record["max"], record["mean"]) == (0, 1, pytest.approx(2 / 3))


def test_no_pixels_give_nothing() -> None:
    assert histogram_of(list) == {}
    assert statistics_of([]) == {}


BAD = [
    {"bins": 0}, {"bins": -3}, {"bins": 1 << 40}, {"bins": "auto"}, {"bins": [5, 1]},
    {"bins": [1]}, {"bins": 2.5}, {"bins": None}, {"range": (5, 5)}, {"range": (9, 1)},
    {"range": (0, float("inf"))}, {"range": 7}, {"range": "ab"}, {"range": (1, 2, 3)},
]  # fmt: skip


@pytest.mark.parametrize("options", BAD, ids=str)
def test_options_that_make_no_sense_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest):
        HistogramOptions(**options)


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    path = tmp_path / "deep.tif"
    tifffile.imwrite(path, noise(300, 200, 3, "uint16"), photometric="rgb", tile=(64, 64))
    return path


def test_a_source_measures_a_region(deep: Path) -> None:
    with tilesource.open(deep) as source:
        pixels, _ = source.getRegion(format="numpy")
        region = {"left": 10, "top": 20, "width": 100, "height": 90}
        found = source.histogram(bins=5, region=region)
        assert np.array_equal(found["max"], pixels[20:110, 10:110].max(axis=(0, 1)))
        assert [record["samples"] for record in found["histogram"]] == [9000] * 3
        assert set(source.histogram(onlyMinMax=True)) == {"min", "max", "mean", "stdev"}
        small = source.histogram(output={"maxWidth": 30})
        assert small["histogram"][0]["samples"] == 600
        assert source.histogram(region={"width": 0}) == {}


def test_a_source_measures_other_types(deep: Path) -> None:
    with tilesource.open(deep) as source:
        found = source.histogram(dtype="uint8")
        assert found["max"].dtype == np.uint8
        assert source.histogram(dtype="uint16")["histogram"][0]["samples"] == 60000
        for dtype in ("float32", "nonsense"):
            with pytest.raises(InvalidRequest):
                source.histogram(dtype=dtype)


def test_bands_have_statistics_if_they_are_wanted(deep: Path) -> None:
    with tilesource.open(deep) as source:
        assert source.getBandInformation()[2] == {"interpretation": "green"}
        record = source.getOneBandInformation(2)
        assert set(record) == {"interpretation", "min", "max", "mean", "stdev"}
        for band in (0, 4, "red", None):
            with pytest.raises(InvalidRequest):
                source.getOneBandInformation(band)
