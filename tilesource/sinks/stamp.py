"""One plane of a tile on its way into the store."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tilesource.formats.base import Pixels
from tilesource.geometry import Box
from tilesource.sinks.layout import Layout, over
from tilesource.sinks.patches import Patch


@dataclass(frozen=True, slots=True)
class Stamp:
    """Pixels with their opacity, where they go, and where they are let through."""

    pixels: Pixels
    layout: Layout
    box: Box
    mask: Pixels | None
    blends: bool  # what is under a transparent pixel stays to be seen

    def onto(self, below: Pixels, part: Box, layout: Layout) -> Pixels:
        """Return what becomes of the pixels of a part of the box, which are in a layout."""
        top, left = part.y - self.box.y, part.x - self.box.x
        place = slice(top, top + part.height), slice(left, left + part.width)
        above = layout.take(self.pixels[place], self.layout)
        mixed = over(below, above, layout) if self.blends else above
        return mixed if self.mask is None else np.where(self.mask[place][..., None], mixed, below)


def layout_of(patch: Patch) -> Layout:
    """Return what a patch's pixels are, apart from their opacity."""
    return Layout(patch.pixels.dtype, patch.pixels.shape[-1] - patch.has_alpha)


def with_opacity(pixels: Pixels, patch: Patch) -> Pixels:
    """Return a plane of a patch with its opacity as the last band."""
    if patch.has_alpha:
        return pixels
    cover = np.full((*pixels.shape[:2], 1), layout_of(patch).full(), pixels.dtype)
    return np.concatenate([pixels, cover], axis=2)
