"""What a style function may know beside the pixels that it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tilesource.formats.base import Pixels


@dataclass(slots=True, kw_only=True)
class StyleContext:
    """The state of one rendering, kept up to date from stage to stage.

    `image` holds the stored values of (height, width, bands) of the frame at hand, `mainImage`
    those of the frame that was asked for. `output` is RGBA as far as it is composed, of 0 to 255.
    While a band is styled, `band` is its plane, which the palette shows from `min` to `max`.
    """

    image: Pixels
    mainImage: Pixels
    output: Pixels
    frame: int
    mainFrame: int
    originalStyle: Mapping[str, Any] = field(default_factory=dict)
    stage: str = "pre"
    dtype: str | None = None
    axis: int | None = None
    styleIndex: int | None = None
    bandidx: int | None = None
    band: Pixels | None = None
    mask: Pixels | None = None
    palette: Pixels | None = None
    discrete: bool = False
    nodata: float | None = None
    min: float | None = None
    max: float | None = None
    clamp: bool = True
    composite: str = "lighten"
