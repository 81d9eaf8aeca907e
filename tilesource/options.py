"""What a source is opened with, beside its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tilesource.arguments import colour
from tilesource.encoding import JPEG, Encoding


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How tiles are encoded, what becomes of those at the edges, and the style of the pixels."""

    encoding: Encoding = JPEG
    edge: bool | str = False
    style: str | Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.edge, bool) and self.edge != "crop":
            colour(str(self.edge), "edge")

    def arguments(self) -> dict[str, Any]:
        """Return the arguments that open a source like this."""
        how = self.encoding
        return {
            "encoding": how.name, "jpegQuality": how.quality, "jpegSubsampling": how.subsampling,
            "tiffCompression": how.tiff_compression, "edge": self.edge, "style": self.style,
        }  # fmt: skip

    @property
    def border(self) -> bool | str:
        """Return False for whole tiles, True to cut them at the image's edges, or a `#rrggbb`."""
        if isinstance(self.edge, bool) or self.edge == "crop":
            return bool(self.edge)
        return colour(self.edge, "edge")
