"""A style as frozen values: checked, complete, and free of the dictionary it came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tilesource.formats.base import Pixels

Colours = npt.NDArray[Any]
"""An array of shape (colours, 4): red, green, blue and alpha of 0 to 255."""

Composite = Literal["lighten", "multiply"]
LimitKind = Literal["number", "auto", "min", "max", "full"]
Stage = Literal["pre", "preband", "band", "postband", "main", "post"]
Intent = Literal["perceptual", "relative_colorimetric", "saturation", "absolute_colorimetric"]

DEFAULT_INTENT: Intent = "perceptual"
GREY = np.array([[0, 0, 0, 255], [255, 255, 255, 255]])
OPACITY = np.array([[255, 255, 255, 0], [255, 255, 255, 255]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A value that the palette starts or ends at: a number, or how to find one.

    `value` is the number or, of min, max and auto, the share of pixels that may lie beyond.
    """

    kind: LimitKind = "auto"
    value: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputType:
    """The type that styled pixels are given in, and the value that stands for full intensity."""

    dtype: np.dtype[Any]
    full: float = 255.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCall:
    """A function on pixels, what it is called with, and when."""

    name: str
    function: Callable[..., Pixels]
    stages: frozenset[Stage]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    context: str | None = None  # the name of the parameter that the context is given as


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BandStyle:
    """How one band of one frame is coloured, and laid over those before it."""

    band: int | str | None = None  # 1 is the first; None is the grey value
    frame: int | None = None
    frame_delta: int = 0
    low: Limit = Limit()
    high: Limit = Limit()
    colours: Colours = field(default_factory=lambda: GREY)
    discrete: bool = False
    nodata: float | None = None
    clamp: bool = True
    composite: Composite = "lighten"
    functions: tuple[FunctionCall, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Style:
    """What a source's style asks for; `bands` is None if pixels keep their stored values."""

    bands: tuple[BandStyle, ...] | None = None
    icc: bool | Intent | None = None  # None leaves it to the configuration
    output: OutputType | Literal["source"] | None = None
    axis: int | None = None
    functions: tuple[FunctionCall, ...] = ()
    original: Mapping[str, Any] = field(default_factory=dict)  # as it was given

    @property
    def has_functions(self) -> bool:
        """Tell whether any function is to be called."""
        return bool(self.functions) or any(band.functions for band in self.bands or ())

    @property
    def is_opaque(self) -> bool:
        """Tell whether it surely makes no pixel transparent that was not so before."""
        plain = (each.clamp and each.nodata is None for each in self.bands or ())
        colours = (each.colours[:, 3].min() == 255 for each in self.bands or ())
        return not self.has_functions and all(plain) and all(colours)


NO_STYLE = Style()
