"""Styles that call functions: the same painting, step by step, with the functions in between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tilesource.errors import InvalidRequest
from tilesource.formats.base import Pixels
from tilesource.style.context import StyleContext
from tilesource.style.model import FunctionCall, OutputType, Stage, Style
from tilesource.style.painting import Layer, Painting
from tilesource.style.shading import compose


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Staging:
    """A painting of 0 to 255 in floats, and the functions of its style."""

    painting: Painting
    style: Style
    output: OutputType  # what the result is converted to before the last functions

    def painted(self, pixels: Mapping[int, Pixels], frame: int) -> Pixels:
        """Return the styled pixels from those of each frame, `frame` being the one asked for."""
        main = pixels[frame]
        out = np.zeros((*main.shape[:2], self.painting.planes), np.float32)
        context = StyleContext(
            image=main, mainImage=main, output=out, frame=frame, mainFrame=frame,
            originalStyle=self.style.original, axis=self.style.axis,
            dtype=self.style.original.get("dtype"),
        )  # fmt: skip
        changed = self._called("pre", context, main)
        context.mainImage = changed
        for index, layer in enumerate(self.painting.layers):
            context.image = changed if layer.frame == frame else pixels[layer.frame]
            self._paint(layer, index, context)
        context.output = self._called("main", context, context.output)
        context.output = _converted(context.output, self.style.axis, self.output)
        return self._called("post", context, context.output)

    def _paint(self, layer: Layer, index: int, context: StyleContext) -> None:
        """Lay one band over the output of the context."""
        _describe(context, layer, index)
        calls = layer.style.functions
        if layer.band is None:
            rows = layer.rows(context.image)
        else:
            plane = context.image[..., layer.band]
            context.band = _call_all(calls, "preband", context, plane)
            context.mask = layer.arithmetic.is_hidden(context.band)
            place = layer.arithmetic.position(context.band)
            context.band = _call_all(calls, "band", context, place)
            rows = _coloured(layer, context)
        if context.output.shape != rows.shape:
            raise InvalidRequest("a style function changed the image's size or bands")
        if index == 0 and layer.composite == "lighten":
            context.output = rows
        else:
            compose(context.output, rows, layer.composite, 255)
        context.output = _call_all(calls, "postband", context, context.output)

    def _called(self, stage: Stage, context: StyleContext, image: Pixels) -> Pixels:
        return _call_all(self.style.functions, stage, context, image)


def _coloured(layer: Layer, context: StyleContext) -> Pixels:
    if context.band is None or context.band.ndim != 2:
        raise InvalidRequest("a style function of a band returns an array of (height, width)")
    rows = layer.arithmetic.shown(context.band)
    if context.mask is not None and context.mask.shape == context.band.shape:
        rows[context.mask] = layer.arithmetic.hidden
    return rows


def _describe(context: StyleContext, layer: Layer, index: int) -> None:
    """Tell functions which band is at hand."""
    context.styleIndex, context.bandidx, context.frame = index, layer.band, layer.frame
    context.min, context.max = layer.arithmetic.low, layer.arithmetic.high
    context.palette, context.discrete = layer.style.colours, layer.style.discrete
    context.nodata, context.clamp = layer.style.nodata, layer.style.clamp
    context.composite = layer.composite


def _call_all(
    calls: Iterable[FunctionCall], stage: Stage, context: StyleContext, image: Pixels
) -> Pixels:
    for call in calls:
        if stage in call.stages:
            context.stage = stage
            image = _call(call, context, image)
    return image


def _call(call: FunctionCall, context: StyleContext, image: Pixels) -> Pixels:
    known: dict[str, Any] = {call.context: context} if call.context else {}
    try:
        result = call.function(image, **{**call.parameters, **known})
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as exc:
        raise InvalidRequest(f"the style function {call.name} failed: {exc}") from exc
    if not isinstance(result, np.ndarray) or result.shape[:2] != image.shape[:2]:
        raise InvalidRequest(f"the style function {call.name} returned no image of the same size")
    return result


def _converted(image: Pixels, axis: int | None, output: OutputType) -> Pixels:
    """Return the composed image with its bands and type as the style wants them."""
    if axis is not None and axis < image.shape[2]:
        image = image[..., axis : axis + 1]
    if image.dtype == np.uint8 and output.dtype.kind == "f" and output.full == 255:
        return image  # a function made it what a screen shows
    scaled: Pixels = image * np.float32(output.full / 255)
    if output.dtype.kind in "ui":
        scaled = np.rint(np.clip(scaled, 0, output.full))
    return scaled.astype(output.dtype, copy=False)
