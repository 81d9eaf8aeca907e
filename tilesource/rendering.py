"""The one place that pixels come from: what is read of a file, and what its style makes of it."""

from __future__ import annotations

import functools
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image

from tilesource import reading
from tilesource.config import getConfig
from tilesource.formats.base import Pixels, Reader
from tilesource.geometry import Box
from tilesource.parallel import each
from tilesource.style.icc import ColourCorrection, correction_for
from tilesource.style.model import DEFAULT_INTENT, OutputType
from tilesource.style.painting import DEFAULT_OUTPUT, SCREEN_OUTPUT, Painting, output_of
from tilesource.style.painting import painting_of as make_painting
from tilesource.style.parse import parse_icc, parse_style
from tilesource.style.ranges import Ranges
from tilesource.style.staging import Staging

_PAINTINGS_KEPT = 16


class Renderer:
    """A reader's pixels as the style of a source shows them; safe in many threads."""

    def __init__(self, reader: Reader, style: str | Mapping[str, Any] | None = None) -> None:
        self._reader = reader
        self._style = parse_style(style)
        self._correction = self._find_correction()
        self._info = self._correction.described(reader.info) if self._correction else reader.info
        self._output = output_of(self._style, self._info.dtype)
        self._ranges = Ranges(self._info, lambda frame, *view: self._read(frame, _View(*view)))
        self._lock = threading.Lock()
        self._painting = functools.lru_cache(_PAINTINGS_KEPT)(self._make_painting)

    @property
    def has_style(self) -> bool:
        """Tell whether pixels are changed, so that stored tiles may not be sent as they are."""
        return self.has_bands or self._correction is not None

    @property
    def has_bands(self) -> bool:
        """Tell whether the style says which bands are shown, and how."""
        return self._style.bands is not None

    @property
    def is_opaque(self) -> bool:
        """Tell whether surely no pixel is transparent, even if there is an alpha band."""
        return self._info.bands not in (2, 4) and self._style.is_opaque

    def region(
        self,
        frame: int,
        box: Box,
        width: int,
        height: int,
        window: Box | None = None,
        kernel: Image.Resampling | None = None,
        *,
        for_screen: bool = False,
    ) -> Pixels:
        """Return a box of base pixels as an array of just (height, width, bands).

        With a window, that part of the result; the kernel resamples, as in `read_region`. For a
        screen, styled pixels are as an image file holds them: of 8 bits, or of 16 if the style says
        so. An encoder cannot make them of the others: dark floats of 0 to 255 look like 0 to 1.
        """
        view = _View(box, width, height, window, kernel)
        if not self.has_bands:
            return self._read(frame, view)
        is_deep = self._output.dtype == "uint16"
        as_they_are = is_deep or not for_screen
        return self._styled(frame, view, self._output if as_they_are else SCREEN_OUTPUT)

    def _styled(self, frame: int, view: _View, output: OutputType) -> Pixels:
        if self._has_codes:
            view = replace(view, kernel=Image.Resampling.NEAREST)
        if self._style.has_functions:
            painting = self._ready(frame, DEFAULT_OUTPUT)
            pixels = self._read_all({frame, *painting.frames}, view)
            return Staging(painting=painting, style=self._style, output=output).painted(
                pixels, frame
            )
        painting = self._ready(frame, output)
        pixels = self._read_all(set(painting.frames), view)
        return painting.painted(pixels, view.shape)

    def _read(self, frame: int, view: _View) -> Pixels:
        pixels = reading.read_region(
            self._reader, frame, view.box, view.width, view.height, view.window, view.kernel
        )
        return self._correction.applied(pixels) if self._correction else pixels

    def _read_all(self, frames: set[int], view: _View) -> dict[int, Pixels]:
        """Return the same part of several frames, read side by side."""
        order = sorted(frames)
        return dict(zip(order, each(lambda frame: self._read(frame, view), order), strict=True))

    def _ready(self, frame: int, output: OutputType) -> Painting:
        """Return the style made ready for a frame, by one thread at a time."""
        with self._lock:
            return self._painting(frame, output)

    def _make_painting(self, frame: int, output: OutputType) -> Painting:
        return make_painting(self._style, self._info, self._ranges, frame, output)

    @property
    def _has_codes(self) -> bool:
        """Tell whether a value stands for none, far from all others: it must not be mixed in."""
        has_nodata = any(band.nodata is not None for band in self._style.bands or ())
        return has_nodata and self._info.dtype != "uint8"

    def _find_correction(self) -> ColourCorrection | None:
        """Return the correction of stored colours; bands are styled raw unless it is asked for."""
        wanted = self._style.icc
        if wanted is None:
            wanted = self._style.bands is None and parse_icc(getConfig("icc_correction"))
        if wanted is False:
            return None
        return correction_for(self._reader.info, DEFAULT_INTENT if wanted is True else wanted)


@dataclass(frozen=True, slots=True)
class _View:
    """Which part of an image is wanted, how large, and how it is resampled."""

    box: Box
    width: int
    height: int
    window: Box | None = None
    kernel: Image.Resampling | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Return the height and width of what is wanted."""
        if self.window is None:
            return self.height, self.width
        return self.window.height, self.window.width
