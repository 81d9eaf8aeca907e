"""Histograms and statistics of each band, gathered block by block in bounded memory.

Types of 8 and 16 bits are counted value by value in one pass, from which everything else
follows; other types are read twice, for their range comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from tilesource.errors import InvalidRequest
from tilesource.formats.base import Pixels

Blocks = Callable[[], Iterable[Pixels]]
"""Reads an image in blocks of (height, width, bands); called once for each pass over it."""

_MOST_BINS = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramOptions:
    """How values are sorted: into a number of bins, or between edges; `range` None is all."""

    bins: int | Sequence[float] = 256
    range: tuple[float, float] | None = None
    density: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.bins, int):
            if not 1 <= self.bins <= _MOST_BINS:
                raise InvalidRequest(f"bins are 1 to {_MOST_BINS}, not {self.bins}")
        elif not _are_edges(self.bins):
            raise InvalidRequest(f"bins are a number or rising edges, not {self.bins!r}")
        if self.range is not None and not _is_range(self.range):
            raise InvalidRequest(f"a range is two rising, finite numbers, not {self.range!r}")


DEFAULT = HistogramOptions()


def histogram_of(blocks: Blocks, options: HistogramOptions = DEFAULT) -> dict[str, Any]:
    """Return min, max, mean and stdev as arrays and one record a band under `histogram`.

    A record has min, max, mean, stdev, range, hist, bin_edges, bins, density and samples. An
    image without pixels gives an empty dictionary.
    """
    tally = _tallied(blocks())
    if tally is None:
        return {}
    statistics = tally.statistics()
    ranges = [
        options.range or (float(low), float(high) + 1)
        for low, high in zip(statistics["min"], statistics["max"], strict=True)
    ]
    edges = [_edges(options.bins, limits) for limits in ranges]
    counts = tally.counts(edges) if isinstance(tally, _Values) else _sorted(blocks(), edges)
    records = [
        _record(options, statistics, band, ranges[band], edges[band], counts[band])
        for band in range(len(ranges))
    ]
    return {**statistics, "histogram": records}


def statistics_of(blocks: Iterable[Pixels]) -> dict[str, Pixels]:
    """Return min, max, mean and stdev, each an array of one value a band; {} without pixels."""
    tally = _tallied(blocks)
    return {} if tally is None else tally.statistics()


def histogramThreshold(
    histogram: Mapping[str, Any], threshold: float, fromMax: bool = False
) -> float:
    """Return the bin edge beyond which lies no more than a share, 0 to 1, of the values.

    The histogram is a record of one band, with `hist` and `bin_edges`.
    """
    try:
        counts, edges = np.asarray(histogram["hist"]), np.asarray(histogram["bin_edges"], float)
        allowed = float(threshold) * float(counts.sum())
    except (TypeError, ValueError, LookupError) as exc:
        raise InvalidRequest(f"{threshold!r} is no threshold of a histogram record") from exc
    if not 0 <= threshold <= 1 or counts.ndim != 1 or edges.shape != (len(counts) + 1,):
        raise InvalidRequest(f"a threshold is a share of 0 to 1 of a histogram, not {threshold!r}")
    beyond = np.cumsum(counts[::-1] if fromMax else counts)
    # A hair more than the product, for 0.3 of 10 can come out below 3.
    left_out = int(np.searchsorted(beyond, allowed * (1 + 1e-12), side="right"))
    return float(edges[len(counts) - left_out if fromMax else left_out])


class _Values:
    """How often each value of an 8-bit or 16-bit type occurs, by band."""

    def __init__(self, dtype: np.dtype[Any], bands: int) -> None:
        self._dtype = dtype
        self._unsigned = np.dtype(f"u{dtype.itemsize}")
        self._found = np.zeros((bands, 1 << (8 * dtype.itemsize)), np.int64)

    def add(self, block: Pixels) -> None:
        """Count the pixels of one more block."""
        unsigned = np.ascontiguousarray(block, self._dtype).view(self._unsigned)
        for band in range(block.shape[2]):
            self._found[band] += _counted(unsigned[..., band])

    def statistics(self) -> dict[str, Pixels]:
        """Return min, max, mean and stdev by band."""
        values, found = self._rising()
        numbers = values.astype(np.float64)
        total = found.sum(axis=1)
        mean = found @ numbers / total
        variance = [row @ (numbers - middle) ** 2 for row, middle in zip(found, mean, strict=True)]
        seen = found > 0
        return {
            "min": values[seen.argmax(axis=1)],
            "max": values[len(values) - 1 - seen[:, ::-1].argmax(axis=1)],
            "mean": mean,
            "stdev": np.sqrt(variance / total),
        }

    def counts(self, edges: Sequence[Pixels]) -> list[npt.NDArray[np.int64]]:
        """Return for each band how many values lie between its edges."""
        values, found = self._rising()
        return [
            np.histogram(values, bins=limits, weights=row)[0]
            for row, limits in zip(found, edges, strict=True)
        ]

    def _rising(self) -> tuple[Pixels, npt.NDArray[np.int64]]:
        """Return all values of the type in rising order, and how often each was found."""
        values = np.arange(self._found.shape[1]).astype(self._unsigned).view(self._dtype)
        if self._dtype.kind != "i":
            return values, self._found
        half = len(values) // 2
        return np.roll(values, half), np.roll(self._found, half, axis=1)


def _counted(plane: Pixels) -> npt.NDArray[np.int64]:
    """Return how often each value occurs; Pillow is quicker than NumPy, but for bytes only."""
    if plane.dtype == np.uint8:
        return np.array(Image.fromarray(plane).histogram(), np.int64)
    return np.bincount(plane.ravel(), minlength=1 << 16)


class _Moments:
    """Extremes, mean and spread of the finite values of any other type, by band."""

    def __init__(self, dtype: np.dtype[Any], bands: int) -> None:
        self._low = np.zeros(bands, dtype)
        self._high = np.zeros(bands, dtype)
        self._total = np.zeros(bands, np.int64)
        self._mean = np.zeros(bands)
        self._squares = np.zeros(bands)  # the sum of squared distances from the mean

    def add(self, block: Pixels) -> None:
        """Take in one more block."""
        for band in range(block.shape[2]):
            values = _finite(block[..., band])
            if values.size:
                self._add(band, values)

    def _add(self, band: int, values: Pixels) -> None:
        """Merge by the formula of Chan, Golub and LeVeque, which loses no digits."""
        first = not self._total[band]
        low, high = values.min(), values.max()
        self._low[band] = low if first else min(low, self._low[band])
        self._high[band] = high if first else max(high, self._high[band])
        numbers = values.astype(np.float64)
        mean = numbers.mean()
        squares = np.square(numbers - mean).sum()
        before, total = self._total[band], self._total[band] + values.size
        apart = mean - self._mean[band]
        self._mean[band] += apart * values.size / total
        self._squares[band] += squares + apart**2 * before * values.size / total
        self._total[band] = total

    def statistics(self) -> dict[str, Pixels]:
        """Return min, max, mean and stdev by band; zeros where no value is finite."""
        stdev = np.sqrt(self._squares / np.maximum(self._total, 1))
        return {"min": self._low, "max": self._high, "mean": self._mean, "stdev": stdev}


def _tallied(blocks: Iterable[Pixels]) -> _Values | _Moments | None:
    """Return what all blocks hold, or None if there is not a pixel."""
    tally: _Values | _Moments | None = None
    for block in blocks:
        if not block.size:
            continue
        if tally is None:
            dtype = np.dtype(np.uint8) if block.dtype.kind == "b" else block.dtype.newbyteorder("=")
            counted = dtype.kind in "ui" and dtype.itemsize <= 2
            tally = (_Values if counted else _Moments)(dtype, block.shape[2])
        tally.add(block)
    return tally


def _sorted(blocks: Iterable[Pixels], edges: Sequence[Pixels]) -> list[npt.NDArray[np.int64]]:
    """Return for each band how many values lie between its edges."""
    counts = [np.zeros(len(limits) - 1, np.int64) for limits in edges]
    for block in blocks:
        for band, limits in enumerate(edges):
            counts[band] += np.histogram(_finite(block[..., band]), bins=limits)[0]
    return counts


def _record(
    options: HistogramOptions,
    statistics: dict[str, Pixels],
    band: int,
    limits: tuple[float, float],
    edges: Pixels,
    counts: npt.NDArray[np.int64],
) -> dict[str, Any]:
    samples = int(counts.sum())
    return {
        **{name: float(values[band]) for name, values in statistics.items()},
        "range": limits,
        "hist": counts / max(samples, 1) if options.density else counts,
        "bin_edges": edges,
        "bins": options.bins,
        "density": options.density,
        "samples": samples,
    }


def _edges(bins: int | Sequence[float], limits: tuple[float, float]) -> Pixels:
    if not isinstance(bins, int):
        return np.asarray(bins)
    return np.histogram_bin_edges(np.empty(0), bins, limits)


def _finite(values: Pixels) -> Pixels:
    return values[np.isfinite(values)] if values.dtype.kind == "f" else values.ravel()


def _are_edges(bins: object) -> bool:
    """Tell whether these are two or more finite numbers, each above the one before."""
    if isinstance(bins, str) or not isinstance(bins, Sequence | np.ndarray):
        return False
    try:
        edges = np.asarray(bins, np.float64)
    except (TypeError, ValueError, OverflowError):
        return False
    whole = edges.ndim == 1 and 2 <= len(edges) <= _MOST_BINS and bool(np.isfinite(edges).all())
    return whole and bool((np.diff(edges) > 0).all())


def _is_range(limits: object) -> bool:
    return _are_edges(limits) and len(limits) == 2  # type: ignore[arg-type]
