"""The dictionaries that a tile iterator yields; their pixels are read when they are looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

from tilesource.canvas import Canvas, View
from tilesource.constants import TILE_FORMAT_NUMPY
from tilesource.delivery import deliver, tile_format
from tilesource.formats.base import Pixels
from tilesource.geometry import Box
from tilesource.parallel import Pool
from tilesource.request import Delivery, delivery_of

_TILE, _FORMAT = "tile", "format"


@dataclass(frozen=True, slots=True, kw_only=True)
class TileInfo:
    """Where a tile's pixels come from, what size they are wanted in, and in which form."""

    canvas: Canvas
    view: View
    window: Box
    delivery: Delivery
    factor: float = 1.0  # by which it is resampled, once that is allowed

    def pixels(self) -> Pixels:
        """Return the tile's pixels as they were asked for."""
        for_screen = TILE_FORMAT_NUMPY not in self.delivery.formats
        return self.canvas.pixels(self.view, self.window, for_screen)

    def resampled(self) -> TileInfo:
        """Return the same part of the image at the scale that was asked for."""
        width = max(1, int(self.window.width * self.factor + 1e-9))
        height = max(1, int(self.window.height * self.factor + 1e-9))
        across = self.view.box.width / self.view.width
        down = self.view.box.height / self.view.height
        left, top = round(self.window.x * across), round(self.window.y * down)
        box = Box(
            x=self.view.box.x + left, y=self.view.box.y + top,
            width=round((self.window.x + self.window.width) * across) - left,
            height=round((self.window.y + self.window.height) * down) - top,
        )  # fmt: skip
        view = replace(self.view, box=box, width=width, height=height)
        return replace(
            self, view=view, window=Box(x=0, y=0, width=width, height=height), factor=1.0
        )


class LazyTileDict(dict[str, Any]):
    """A tile's facts and, under `tile` and `format`, its pixels, read when first looked at."""

    def __init__(self, tileInfo: TileInfo, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._info = tileInfo
        self._ahead: Future[Pixels] | None = None
        self.was_read = False
        self.release()

    def __getitem__(self, key: str) -> Any:
        if key == _TILE and not self.loaded:
            self._load()
        return super().__getitem__(key)

    def __iter__(self) -> Iterator[str]:
        """Return the keys; that it is defined makes copies look the pixels up, as others do."""
        return super().__iter__()

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value under a key, or a default if there is none."""
        try:
            return self[key]
        except KeyError:
            return default

    def values(self) -> Any:
        """Return all values, the pixels among them."""
        self._load()
        return super().values()

    def items(self) -> Any:
        """Return all keys and values, the pixels among them."""
        self._load()
        return super().items()

    @property
    def loaded(self) -> bool:
        """Tell whether the pixels are in memory."""
        return super().__getitem__(_TILE) is not None

    def release(self) -> None:
        """Forget the pixels; they are read again when they are looked at again."""
        self[_TILE] = None
        self[_FORMAT] = tile_format(self._info.delivery)

    def setFormat(
        self,
        format: str | tuple[str, ...] | list[str],
        resample: bool | int | None = False,
        imageKwargs: Mapping[str, Any] | None = None,
    ) -> None:
        """Take other formats from now on, and with `resample` pixels of the scale asked for.

        `imageKwargs` are the encoding, jpegQuality, jpegSubsampling and tiffCompression.
        """
        delivery = delivery_of(format, imageKwargs or {}, self._info.delivery.encoding)
        self._info = replace(self._info, delivery=delivery)
        if resample is not False and resample is not None and self._info.factor != 1.0:
            self.update(scaled_facts(self, self._info.factor))
            self._info, self._ahead = self._info.resampled(), None
            self["width"], self["height"] = self._info.window.width, self._info.window.height
        self.release()

    @property
    def info(self) -> TileInfo:
        """Return where the pixels come from."""
        return self._info

    def read_ahead(self, pool: Pool) -> None:
        """Start reading the pixels, for whoever looks at them."""
        self._ahead = pool.submit(self._info.pixels)

    def _load(self) -> None:
        if self.loaded:
            return
        pixels = self._info.pixels() if self._ahead is None else self._ahead.result()
        self._ahead = None
        self.was_read = True
        self[_TILE], _ = deliver(pixels, self._info.delivery)


def scaled_facts(facts: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """Return what changes in a tile's facts when it is resampled, those before under tile_*."""
    return {
        "scaled": factor,
        **{f"tile_{name}": facts[name] for name in ("x", "y", "width", "height")},
        **{f"tile_{name}": facts[name] for name in ("magnification", "mm_x", "mm_y")},
        "x": facts["x"] * factor,
        "y": facts["y"] * factor,
        "magnification": facts["magnification"] and facts["magnification"] * factor,
        "mm_x": facts["mm_x"] and facts["mm_x"] / factor,
        "mm_y": facts["mm_y"] and facts["mm_y"] / factor,
    }
