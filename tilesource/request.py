"""The many keyword arguments of regions and iterators, parsed once into frozen values."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image

from tilesource.arguments import colour, record, whole
from tilesource.constants import TILE_FORMAT_IMAGE, TILE_FORMAT_NUMPY, TILE_FORMAT_PIL
from tilesource.encoding import JPEG, Encoding
from tilesource.errors import InvalidRequest
from tilesource.geometry import Output, output_of
from tilesource.tiling import Position, Tiling

_FORMATS = (TILE_FORMAT_NUMPY, TILE_FORMAT_PIL, TILE_FORMAT_IMAGE)
_IN_CORNER = "corner:"
_NAMES = {
    "region", "output", "scale", "frame", "fill", "resample", "encoding", "jpegQuality",
    "jpegSubsampling", "tiffCompression", "tile_size", "tile_overlap", "tile_position",
    "tile_offset",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The formats a caller takes, the best one first, and how an encoded one is encoded."""

    formats: tuple[str, ...]
    encoding: Encoding

    @property
    def is_encoded(self) -> bool:
        """Tell whether the caller takes bytes only."""
        return self.formats == (TILE_FORMAT_IMAGE,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """A colour as `#rrggbb` around a picture that is smaller than wanted, or right and below it."""

    colour: str
    in_corner: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a caller asks for: which part, how large, cut into which tiles, and in which form."""

    region: Mapping[str, object]
    output: Output
    frame: int
    fill: Fill | None
    resample: bool
    kernel: Image.Resampling | None
    tiling: Tiling
    delivery: Delivery


def request_of(
    form: object, arguments: Mapping[str, Any], own: Encoding, resample: object = True
) -> Request:
    """Parse the keyword arguments of the documented API; `own` is the source's encoding."""
    unknown = set(arguments) - _NAMES
    if unknown:
        raise InvalidRequest(f"there is no argument {', '.join(map(repr, sorted(unknown)))}")
    resampled, kernel = _resampling(arguments.get("resample", resample))
    return Request(
        region=record(arguments.get("region"), "a region"),
        output=output_of(arguments.get("output"), arguments.get("scale")),
        frame=frame_of(arguments.get("frame")),
        fill=_fill(arguments.get("fill")),
        resample=resampled,
        kernel=kernel,
        tiling=_tiling(arguments),
        delivery=Delivery(formats=_formats(form), encoding=encoding_of(arguments, own)),
    )


def frame_of(value: object) -> int:
    """Return the number of a frame, the first for None."""
    return whole(value, "a frame") or 0


def encoding_of(arguments: Mapping[str, object], own: Encoding) -> Encoding:
    """Return the wanted encoding: JPEG unless another is named, else as the source has it.

    Only tiles are of the source's own encoding; so the documented API has it.
    """
    wanted = {
        "name": _text(arguments.get("encoding"), "an encoding"),
        "quality": whole(arguments.get("jpegQuality"), "jpegQuality"),
        "subsampling": whole(arguments.get("jpegSubsampling"), "jpegSubsampling"),
        "tiff_compression": _text(arguments.get("tiffCompression"), "tiffCompression"),
    }
    given: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
    return dataclasses.replace(own, **{"name": JPEG.name, **given})


def delivery_of(form: object, arguments: Mapping[str, object], own: Encoding) -> Delivery:
    """Parse the wanted formats and the arguments of an encoding."""
    return Delivery(formats=_formats(form), encoding=encoding_of(arguments, own))


def _formats(form: object) -> tuple[str, ...]:
    wanted = (form,) if isinstance(form, str) else form
    if not isinstance(wanted, tuple | list | set | frozenset):
        raise InvalidRequest(f"format is one of {', '.join(_FORMATS)}, not {form!r}")
    known = tuple(name for name in _FORMATS if name in wanted)
    if not known:
        raise InvalidRequest(f"format is one of {', '.join(_FORMATS)}, not {form!r}")
    return known


def _resampling(value: object) -> tuple[bool, Image.Resampling | None]:
    """Return whether tiles are resampled, and by which kernel if not by the usual one.

    Of a region, None takes the nearest pixels, as masks whose values are names want it.
    """
    if value is None:
        return False, Image.Resampling.NEAREST
    if isinstance(value, bool):
        return value, None
    if not isinstance(value, int) or value not in tuple(Image.Resampling):
        raise InvalidRequest(f"resample is True, False or a Pillow filter, not {value!r}")
    return True, Image.Resampling(value)


def _tiling(arguments: Mapping[str, object]) -> Tiling:
    size = record(arguments.get("tile_size"), "tile_size")
    overlap = record(arguments.get("tile_overlap"), "tile_overlap")
    offset = record(arguments.get("tile_offset"), "tile_offset")
    return Tiling(
        width=_length(size.get("width")),
        height=_length(size.get("height")),
        overlap_x=whole(overlap.get("x"), "an overlap") or 0,
        overlap_y=whole(overlap.get("y"), "an overlap") or 0,
        edges=bool(overlap.get("edges")),
        left=whole(offset.get("left"), "a tile's offset") or 0,
        top=whole(offset.get("top"), "a tile's offset") or 0,
        from_region=bool(offset.get("auto")),
        position=_position(arguments.get("tile_position")),
    )


def _fill(value: object) -> Fill | None:
    """Parse a colour, or `corner:` and a colour; `none` fills nothing."""
    wanted = _text(value, "fill")
    if wanted is None or wanted.lower() == "none":
        return None
    in_corner = wanted.startswith(_IN_CORNER)
    return Fill(colour=colour(wanted.removeprefix(_IN_CORNER), "fill"), in_corner=in_corner)


def _length(value: object) -> int | None:
    length = whole(value, "a tile's size")
    if length is not None and length < 1:
        raise InvalidRequest(f"a tile is at least one pixel wide and high, not {value!r}")
    return length


def _position(value: object) -> Position | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        return Position(number=whole(value, "a tile's position"))
    place = {name: whole(found, name) for name, found in value.items()}
    if place.get("position") is not None:
        return Position(number=place["position"])
    for prefix in ("region", "level"):
        column, row = place.get(f"{prefix}_x"), place.get(f"{prefix}_y")
        if column is not None and row is not None:
            return Position(column=column, row=row, of_level=prefix == "level")
    raise InvalidRequest(
        f"a tile's position is a number, or has region_x and region_y, or level_x and level_y, "
        f"not {dict(value)}"
    )


def _text(value: object, name: str) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    raise InvalidRequest(f"{name} is a text, not {value!r}")
