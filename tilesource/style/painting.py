"""A style made ready for one frame of one image, and applied to its pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tilesource.bands import interpretations
from tilesource.errors import InvalidRequest
from tilesource.formats.base import ImageInfo, Pixels
from tilesource.style.model import GREY, BandStyle, Composite, OutputType, Style
from tilesource.style.ranges import Ranges
from tilesource.style.shading import Arithmetic, Shader, Table, compose, has_table

DEFAULT_OUTPUT = OutputType(dtype=np.dtype(np.float32))
SCREEN_OUTPUT = OutputType(dtype=np.dtype(np.uint8))
_ALL = slice(0, 4)
_ONE = slice(0, 1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """One band of a style, ready to be applied; `band` is None where the image has no alpha."""

    frame: int
    band: int | None
    shader: Shader
    arithmetic: Arithmetic
    composite: Composite
    style: BandStyle

    def rows(self, pixels: Pixels) -> Pixels:
        """Return the colours of the layer's band, (height, width, planes)."""
        if self.band is None:
            return self.arithmetic.shown(np.ones(pixels.shape[:2], np.float32))
        plane = pixels[..., self.band]
        return self.shader.rows(plane.astype(plane.dtype.newbyteorder("="), copy=False))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Painting:
    """All layers of a style for one frame, and what they are composed into."""

    layers: Sequence[Layer]
    output: OutputType
    planes: int

    @property
    def frames(self) -> tuple[int, ...]:
        """Return the frames that are read, each once."""
        return tuple(dict.fromkeys(layer.frame for layer in self.layers))

    def painted(self, pixels: Mapping[int, Pixels], size: tuple[int, int]) -> Pixels:
        """Return the composed colours, of (height, width) `size`, from the pixels of each frame."""
        out: Pixels | None = None
        for layer in self.layers:
            rows = layer.rows(pixels[layer.frame])
            if out is None:
                out = rows if layer.composite == "lighten" else np.zeros_like(rows)
            else:
                compose(out, rows, layer.composite, self.output.full)
        return np.zeros((*size, self.planes), self.output.dtype) if out is None else out


def output_of(style: Style, dtype: np.dtype[Any]) -> OutputType:
    """Return the type of a style's result, from that of the stored pixels."""
    if style.output is None:
        return DEFAULT_OUTPUT
    if style.output != "source":
        return style.output
    if dtype == np.uint16:
        return OutputType(dtype=np.dtype(np.uint16), full=65535.0)
    if dtype.kind == "f":
        return OutputType(dtype=np.dtype(np.float32), full=1.0)
    return SCREEN_OUTPUT if dtype == np.uint8 else DEFAULT_OUTPUT


def painting_of(
    style: Style, info: ImageInfo, ranges: Ranges, frame: int, output: OutputType
) -> Painting:
    """Make a style ready for a frame; this is where missing ranges are gathered."""
    bands = style.bands or ()
    planes = _planes(style, info)
    layers = [_layer(band, info, ranges, frame, planes, output) for band in bands]
    return Painting(layers=layers, output=output, planes=planes.stop - planes.start)


def band_index(band: int | str | None, bands: int) -> int | None:
    """Return which of an image's bands is meant, from 0, or None for an alpha it has not."""
    if isinstance(band, int) and band <= bands:
        return band - 1
    names = interpretations(bands)
    if band in names:
        return names.index(band)
    if band == "alpha":
        return None
    return 1 if bands >= 3 else 0  # the grey value of colours is their green


def _planes(style: Style, info: ImageInfo) -> slice:
    """Return which of red, green, blue and alpha are computed: of plain grey, one is enough."""
    bands = style.bands or ()
    if len(bands) == 1 and info.bands == 1 and bands[0].band != "alpha" and _is_grey(bands[0]):
        return _ONE
    if style.axis is not None and not style.has_functions:
        return slice(style.axis, style.axis + 1)
    return _ALL


def _is_grey(band: BandStyle) -> bool:
    return np.array_equal(band.colours, GREY)


def _layer(
    band: BandStyle, info: ImageInfo, ranges: Ranges, frame: int, planes: slice,
    output: OutputType,
) -> Layer:  # fmt: skip
    shown = _frame_of(band, frame, len(info.frames))
    index = band_index(band.band, info.bands)
    arithmetic = Arithmetic(
        low=ranges.low(band.low, shown, index or 0),
        high=ranges.high(band.high, shown, index or 0),
        colours=band.colours[:, planes] * (output.full / 255),
        discrete=band.discrete, nodata=band.nodata, clamp=band.clamp,
        hidden=output.full if band.composite == "multiply" else 0,
        output=output,
    )  # fmt: skip
    dtype = info.dtype.newbyteorder("=")
    return Layer(
        frame=shown, band=index, arithmetic=arithmetic,
        shader=Table(arithmetic, dtype) if has_table(dtype) else arithmetic,
        composite=band.composite, style=band,
    )  # fmt: skip


def _frame_of(band: BandStyle, frame: int, frames: int) -> int:
    """Return the frame that a band is of, when another is asked for."""
    shown = frame + band.frame_delta if band.frame is None else band.frame
    if not 0 <= shown < frames:
        raise InvalidRequest(f"the style's frame {shown} is not one of the {frames} frames")
    return shown
