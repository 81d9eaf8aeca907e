"""The documents that describe an image of many files: parsed and checked, nothing opened."""

from __future__ import annotations

import json
import math
import re
import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tilesource.errors import UnreadableFile

AXES = ("c", "z", "t", "xy")
"""The axes that every document may use; it can name more."""

NOWHERE = "__none__"
"""The path of a source that needs no file."""

_LONGEST = 1 << 22
_MOST_SOURCES = 20_000
_DEEPEST = 50
_KEYS = frozenset({
    "name", "description", "width", "height", "tileWidth", "tileHeight", "channels", "scale",
    "backgroundColor", "basePath", "uniformSources", "dtype", "singleBand", "axes", "sources",
})  # fmt: skip
# What a source may be opened with, but which tells of its tiles only, and not of its pixels.
_OF_TILES = ("encoding", "jpegQuality", "jpegSubsampling", "tiffCompression", "edge", "noCache")
_DTYPES = ("uint8", "uint16", "uint32", "int8", "int16", "int32", "float32", "float64")
# libyaml's parser is ten times as fast, where PyYAML was built with it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Repeated groups, and many wild parts, can make a match take forever.
_REPEATED_GROUP = re.compile(r"\)[*+{]")
_WILD = re.compile(r"(?:\.|\\[wWsSD]|\])(?:[*+]|\{\d*,)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """The part of a source to show, in its own pixels; None is the source's own edge."""

    left: int | None = None
    top: int | None = None
    right: int | None = None
    bottom: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a source's pixel (u, v) is shown: at x + s11 * u + s12 * v, y + s21 * u + s22 * v."""

    x: float = 0.0
    y: float = 0.0
    s11: float = 1.0
    s12: float = 0.0
    s21: float = 0.0
    s22: float = 1.0
    crop: Crop = field(default_factory=Crop)

    @property
    def is_upright(self) -> bool:
        """Tell whether the source is only moved and scaled."""
        return not self.s12 and not self.s21 and self.s11 > 0 and self.s22 > 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SourceEntry:
    """One entry of the list of sources: a file or a pattern of files."""

    path: str
    pattern: re.Pattern[str] | None = None
    source_name: str | None = None
    starts: Mapping[str, int] = field(default_factory=dict)  # axis -> index of the first frame
    fixed: Mapping[str, int] = field(default_factory=dict)  # axis -> index of all frames
    steps: Mapping[str, int] = field(default_factory=dict)  # axis -> steps between files
    values: Mapping[str, Sequence[int]] = field(default_factory=dict)  # axis -> place of each index
    channels: Sequence[str] = ()
    frames: Sequence[int] | None = None
    strides: Mapping[str, int] = field(default_factory=dict)  # axis -> frames between its steps
    position: Position = field(default_factory=Position)
    sample_scale: float = 1.0
    sample_offset: float = 0.0
    style: str | Mapping[str, Any] | None = None
    options: Mapping[str, str] = field(default_factory=dict)  # of a source that needs no file


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiDocument:
    """All that a document says; sizes in pixels of the full resolution."""

    sources: Sequence[SourceEntry]
    axes: Sequence[str]
    width: int | None = None
    height: int | None = None
    tile_width: int | None = None
    tile_height: int | None = None
    channels: Sequence[str] = ()
    magnification: float | None = None
    mm_x: float | None = None
    mm_y: float | None = None
    background: Sequence[float] = ()
    base_path: str = "."
    uniform: bool = False
    dtype: str | None = None
    single_band: bool = False
    name: str = ""
    description: str = ""


def document_of(path: Path) -> MultiDocument:
    """Return the document in a YAML or JSON file, or raise UnreadableFile with what is wrong."""
    with path.open("rb") as file:
        data = file.read(_LONGEST + 1)
    if len(data) > _LONGEST:
        raise UnreadableFile(f"a document of more than {_LONGEST:,} bytes is not supported")
    return _document(_parsed(data))


def _parsed(data: bytes) -> Mapping[str, Any]:
    try:
        text = data.decode("utf-8-sig")
        parsed = json.loads(text) if text.lstrip()[:1] == "{" else _yaml(text)
    except (ValueError, yaml.YAMLError, RecursionError) as exc:
        raise UnreadableFile("it is neither YAML nor JSON") from exc
    if not isinstance(parsed, Mapping) or "sources" not in parsed:
        raise UnreadableFile("it describes no sources of an image")
    return parsed


def _yaml(text: str) -> Any:
    """Return what YAML says, unless it is nested so deep that its loader would end the program."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise UnreadableFile(f"it is nested deeper than {_DEEPEST} levels")
    return yaml.load(text, _Loader)


def _document(said: Mapping[str, Any]) -> MultiDocument:
    if unknown := [key for key in said if key not in _KEYS]:
        raise UnreadableFile(f"it has a key {reprlib.repr(unknown[0])} that is not known")
    axes = [*AXES, *(_word(axis, "an axis").lower() for axis in _list(said, "axes"))]
    scale = _mapping(said, "scale")
    sources = _list(said, "sources")
    if not 1 <= len(sources) <= _MOST_SOURCES:
        raise UnreadableFile(f"{len(sources):,} sources are not 1 to {_MOST_SOURCES:,}")
    dtype = said.get("dtype")
    if dtype is not None and dtype not in _DTYPES:
        raise UnreadableFile(f"dtype is one of {', '.join(_DTYPES)}, not {reprlib.repr(dtype)}")
    return MultiDocument(
        sources=[_entry(source, axes) for source in sources],
        axes=list(dict.fromkeys(axes)),
        width=_whole(said, "width", 1), height=_whole(said, "height", 1),
        tile_width=_whole(said, "tileWidth", 1), tile_height=_whole(said, "tileHeight", 1),
        channels=_words(said, "channels"),
        magnification=_number(scale, "magnification"),
        mm_x=_number(scale, "mm_x"), mm_y=_number(scale, "mm_y"),
        background=[_finite(value, "backgroundColor") for value in _list(said, "backgroundColor")],
        base_path=str(said.get("basePath", ".")),
        uniform=bool(said.get("uniformSources")), single_band=bool(said.get("singleBand")),
        dtype=dtype, name=str(said.get("name", "")), description=str(said.get("description", "")),
    )  # fmt: skip


def _entry(said: Any, axes: Sequence[str]) -> SourceEntry:
    if not isinstance(said, Mapping) or not isinstance(said.get("path"), str):
        raise UnreadableFile(f"a source has a path, unlike {reprlib.repr(said)}")
    channel = [_word(said["channel"], "channel")] if "channel" in said else []
    counted = [*axes, "frame"]
    return SourceEntry(
        path=said["path"],
        pattern=_pattern(said.get("pathPattern")),
        source_name=_word(said["sourceName"], "sourceName") if said.get("sourceName") else None,
        starts=_indices(said, counted, ""), fixed=_indices(said, counted, "Set"),
        steps=_indices(said, axes, "Step"), values=_values(said, counted),
        channels=_words(said, "channels") or channel,
        frames=_frames(said),
        strides=_indices(_mapping(said, "framesAsAxes"), axes, ""),
        position=_position(_mapping(said, "position")),
        sample_scale=_number(said, "sampleScale") or 1.0,
        sample_offset=_finite(said.get("sampleOffset", 0), "sampleOffset"),
        style=_mapping(said, "style") or _mapping(said, "params").get("style"),
        options=_options(said),
    )  # fmt: skip


def _options(said: Mapping[str, Any]) -> dict[str, str]:
    """Return what a source is opened with that needs no file; a file has a style and no more."""
    params = {str(key): value for key, value in _mapping(said, "params").items()}
    own = {key: str(value) for key, value in params.items() if key not in ("style", *_OF_TILES)}
    if own and said["path"] != NOWHERE:
        raise UnreadableFile(f"a file is not opened with {', '.join(map(reprlib.repr, own))}")
    return own


def _frames(said: Mapping[str, Any]) -> Sequence[int] | None:
    if "frames" not in said:
        return None
    return [_index(value, "frames") for value in _list(said, "frames")]


def _position(said: Mapping[str, Any]) -> Position:
    if "warp" in said:
        raise UnreadableFile("a source that is warped by points is not supported")
    scale = _number(said, "scale") or 1.0
    matrix = {
        name: scale * _finite(said.get(name, default), name)
        for name, default in (("s11", 1.0), ("s12", 0.0), ("s21", 0.0), ("s22", 1.0))
    }
    if abs(matrix["s11"] * matrix["s22"] - matrix["s12"] * matrix["s21"]) < 1e-9:
        raise UnreadableFile("the matrix of a position makes a source vanish")
    crop = _mapping(said, "crop")
    edges = {name: _edge(crop, name) for name in ("left", "top", "right", "bottom")}
    return Position(
        x=_finite(said.get("x", 0), "x"), y=_finite(said.get("y", 0), "y"),
        crop=Crop(**edges), **matrix,
    )  # fmt: skip


def _edge(crop: Mapping[str, Any], name: str) -> int | None:
    return None if crop.get(name) is None else round(_finite(crop[name], name))


def _pattern(text: Any) -> re.Pattern[str] | None:
    if text is None:
        return None
    if not isinstance(text, str) or len(text) > 500:
        raise UnreadableFile(f"a pathPattern is a short text, not {reprlib.repr(text)}")
    if _REPEATED_GROUP.search(text) or len(_WILD.findall(text)) > 3:
        raise UnreadableFile(f"the pathPattern {reprlib.repr(text)} could take forever to match")
    try:
        return re.compile(text)
    except (re.error, RecursionError, OverflowError) as exc:
        raise UnreadableFile(f"the pathPattern {reprlib.repr(text)} is wrong: {exc}") from exc


def _indices(said: Mapping[str, Any], axes: Sequence[str], suffix: str) -> dict[str, int]:
    """Return the value that `axis + suffix` has in a mapping, for each axis that it is given."""
    keys = {axis: axis + suffix for axis in axes}
    return {axis: _index(said[key], key) for axis, key in keys.items() if said.get(key) is not None}


def _values(said: Mapping[str, Any], axes: Sequence[str]) -> dict[str, Sequence[int]]:
    """Return the list that tells where the indices of an axis go, for each axis that has one."""
    found: dict[str, Sequence[int]] = {}
    for axis, key in ((axis, f"{axis}Values") for axis in axes):
        if said.get(key) is not None:
            found[axis] = [_index(value, key) for value in _list(said, key)]
            if not found[axis]:
                raise UnreadableFile(f"{key} has no values")
    return found


def _index(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1_000_000:
        raise UnreadableFile(f"{name} counts from 0, and is not {reprlib.repr(value)}")
    return value


def _whole(said: Mapping[str, Any], name: str, least: int) -> int | None:
    value = said.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 1 << 31:
        raise UnreadableFile(f"{name} is a number of pixels, not {reprlib.repr(value)}")
    return value


def _number(said: Mapping[str, Any], name: str) -> float | None:
    if said.get(name) is None:
        return None
    value = _finite(said[name], name)
    if value <= 0:
        raise UnreadableFile(f"{name} is more than 0, and not {value}")
    return value


def _finite(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UnreadableFile(f"{name} is a number, not {reprlib.repr(value)}")
    if not math.isfinite(value) or abs(value) > 1e12:
        raise UnreadableFile(f"{name} is not {reprlib.repr(value)}")
    return float(value)


def _mapping(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = said.get(name) or {}
    if not isinstance(value, Mapping):
        raise UnreadableFile(f"{name} has keys and values, unlike {reprlib.repr(value)}")
    return value


def _list(said: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = said.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise UnreadableFile(f"{name} is a list, not {reprlib.repr(value)}")
    return value


def _words(said: Mapping[str, Any], name: str) -> Sequence[str]:
    return [_word(value, name) for value in _list(said, name)]


def _word(value: Any, name: str) -> str:
    if not isinstance(value, (str, int, float)) or not 1 <= len(str(value)) <= 200:
        raise UnreadableFile(f"{name} is a short text, not {reprlib.repr(value)}")
    return str(value)
