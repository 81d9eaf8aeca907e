"""An opened image as all methods of a source work on it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image

from tilesource.errors import InvalidRequest
from tilesource.formats.base import ImageInfo, Pixels
from tilesource.geometry import (
    Box,
    Grid,
    Output,
    Scale,
    in_whole_pixels,
    output_factor,
    output_size,
    power_of,
)
from tilesource.levels import level_for, preferred_level, stored_levels
from tilesource.regions import region_of
from tilesource.rendering import Renderer

_MEMORY = (
    os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 1 << 35
)


@dataclass(frozen=True)
class View:
    """A box of base pixels of one frame, the size it is shown in, and the kernel if not usual."""

    box: Box
    width: int
    height: int
    frame: int = 0
    kernel: Image.Resampling | None = None


@dataclass(frozen=True)
class Canvas:
    """The grid of an image, the facts of its file, and where its pixels come from."""

    grid: Grid
    info: ImageInfo
    renderer: Renderer

    @cached_property
    def stored(self) -> frozenset[int]:
        """Return the levels of the grid that are in the file."""
        return stored_levels(self.grid, self.info.levels)

    def frame(self, number: int) -> int:
        """Return the number of a frame if there is one of that number."""
        if not 0 <= number < len(self.info.frames):
            raise InvalidRequest(f"frame {number} is not one of the {len(self.info.frames)} frames")
        return number

    def box(self, region: object, output: Output) -> Box:
        """Return a region in base pixels, cut to the image."""
        return region_of(self.grid, region, output.scale)

    def view(self, region: object, output: Output, frame: int = 0) -> View:
        """Return what a region is shown as; without a pixel, its width and height are 0."""
        box = self.box(region, output)
        if box.is_empty or (output.is_exact and not self._is_stored(output.scale)):
            return View(box=box, width=0, height=0, frame=self.frame(frame))
        width, height = output_size(self.grid, box, output)
        power = power_of(output_factor(self.grid, box, output))
        if power is not None:
            box = in_whole_pixels(box, self.grid, width, height, power, self._stored_step(power))
        return View(box=box, width=width, height=height, frame=self.frame(frame))

    def _is_stored(self, scale: Scale) -> bool:
        """Tell whether a scale is that of a level in the file, or not known."""
        return level_for(self.grid, scale, exact=True) in self.stored

    def _stored_step(self, power: int) -> int:
        """Return how many base pixels a pixel of the level spans that a reduction is made from."""
        level = max(self.grid.levels - 1 - power, 0)
        return self.grid.downsample(preferred_level(self.stored, level))

    def pixels(self, view: View, window: Box | None = None, for_screen: bool = False) -> Pixels:
        """Return a view as an array of (height, width, bands), or a window of it.

        For a screen, or an encoder, styled pixels are of 8 bits, or of 16 if the style says so.
        """
        wanted = window or Box(x=0, y=0, width=view.width, height=view.height)
        if wanted.is_empty:
            return np.zeros((0, 0, self.info.bands), self.info.dtype)
        check_size(wanted.width, wanted.height, self.info.bands * self.info.dtype.itemsize)
        return self.renderer.region(
            view.frame, view.box, view.width, view.height, window, view.kernel,
            for_screen=for_screen,
        )  # fmt: skip


def check_size(width: int, height: int, pixel_bytes: int) -> None:
    """Refuse an array that the machine cannot hold."""
    if width * height * pixel_bytes > _MEMORY:
        raise InvalidRequest(
            f"{width} x {height} pixels do not fit in memory; ask for fewer, or for tiles"
        )
