"""How an image is converted, checked when it is said."""

from __future__ import annotations

from dataclasses import dataclass

from tilesource.errors import InvalidRequest
from tilesource.formats.base import ImageInfo
from tilesource.writing import codecs
from tilesource.writing.codecs import Codec

COMPRESSIONS = ("auto", *codecs.COMPRESSIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionOptions:
    """How the pyramid is stored; `auto` loses nothing, unless the original is lossy already.

    `frames` are the numbers of those to keep, all if None. Without `associated`, the label, macro
    and thumbnail stay behind: a label can tell who the patient is.
    """

    compression: str = "auto"
    quality: int = 90
    tile_size: int = 256
    frames: tuple[int, ...] | None = None
    associated: bool = True

    def __post_init__(self) -> None:
        if self.compression not in COMPRESSIONS:
            known = ", ".join(COMPRESSIONS)
            raise InvalidRequest(f"compression is one of {known}, not {self.compression!r}")
        if not 1 <= self.quality <= 100:
            raise InvalidRequest(f"quality is 1 to 100, not {self.quality}")
        if self.tile_size % 16 or not 16 <= self.tile_size <= 4096:
            raise InvalidRequest(f"tile size is a multiple of 16, up to 4096, not {self.tile_size}")
        if self.frames is not None and not self.frames:
            raise InvalidRequest("frames are at least one, or None for all")

    def codec(self, info: ImageInfo) -> Codec:
        """Return how the tiles of an image are stored."""
        wanted = self.compression
        if wanted == "auto":
            lossy = info.lossy and info.bands in (1, 3) and info.dtype.name == "uint8"
            wanted = "jpeg" if lossy else "deflate"
        return Codec(compression=wanted, quality=self.quality)


DEFAULTS = ConversionOptions()
