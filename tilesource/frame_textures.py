"""Plan pictures of many frames each, from which a viewer takes single frames as textures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tilesource.arguments import record, whole
from tilesource.errors import InvalidRequest

_DEFAULTS: dict[str, Any] = {
    "format": {"encoding": "JPEG", "jpegQuality": 85, "jpegSubsampling": 1},
    "query": {}, "frameBase": 0, "frameStride": 1, "frameGroup": 1, "frameGroupFactor": 4,
    "frameGroupStride": 1, "maxTextureSize": 8192, "maxTextures": 1,
    "maxTotalTexturePixels": 1 << 30, "alignment": 16, "maxFrameSize": None,
}  # fmt: skip
_COUNTS = ("frameStride", "frameGroup", "frameGroupFactor", "maxTextureSize", "maxTextures",
           "maxTotalTexturePixels", "alignment")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How frames are laid out in textures: the cell of each in pixels, and how many in a row."""

    width: int
    height: int
    across: int
    per_texture: int


def getTileFramesQuadInfo(
    metadata: Mapping[str, Any], options: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return which calls of tileFrames give all frames, and where each is in their pictures.

    The cells are as large as fit in the textures that are allowed. `src` has the arguments of each
    call; `quads` the corners of the image and the crop of its texture for each of `frames`;
    `quadsToIdx` the call that each is in; `minLevel` the level whose resolution they have. With
    the name of an axis as `frameBase`, only the calls are told, with all bases of its length.
    """
    given = dict(record(options, "options"))
    if not isinstance(given.get("frameBase"), str):
        return _plan(metadata, given)
    bases = range(_count(_axis_length(metadata, given["frameBase"]), "frameBase"))
    plans = [_plan(metadata, given | {"frameBase": base}) for base in bases]
    calls = [call for plan in plans for call in plan["src"]]
    return {"metadata": dict(metadata), "options": plans[-1]["options"], "src": calls}


def _plan(metadata: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    wanted = _options(metadata, given)
    frames = _frames(metadata, wanted)
    size = _size(metadata, "sizeX"), _size(metadata, "sizeY")
    layout = _layout(size, len(frames), wanted)
    groups = [
        frames[start : start + layout.per_texture]
        for start in range(0, len(frames), layout.per_texture)
    ]
    shown = min(layout.width / size[0], layout.height / size[1])
    content = math.floor(size[0] * shown + 1e-9), math.floor(size[1] * shown + 1e-9)
    is_all = frames == list(range(len(metadata.get("frames") or ())))
    return {
        "metadata": dict(metadata),
        "options": wanted,
        "src": [_source(wanted, layout, group, is_all and len(groups) == 1) for group in groups],
        "quads": [
            _quad(size, content, layout, place, len(group))
            for group in groups
            for place in range(len(group))
        ],
        "quadsToIdx": [number for number, group in enumerate(groups) for _ in group],
        "frames": frames,
        "framesToIdx": {frame: place for place, frame in enumerate(frames)},
        "minLevel": _level(metadata, content),
    }


def _options(metadata: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return all options, the names of axes replaced by their lengths."""
    unknown = set(given) - set(_DEFAULTS)
    if unknown:
        raise InvalidRequest(f"there is no option {', '.join(map(repr, sorted(unknown)))}")
    wanted = {**_DEFAULTS, **given}
    for name in ("frameStride", "frameGroup"):
        wanted[name] = _axis_length(metadata, wanted[name])
    if wanted["frameGroupStride"] == "auto":
        share = wanted["frameGroup"] / (whole(wanted["frameStride"], "frameStride") or 1)
        wanted["frameGroupStride"] = int(share) if share.is_integer() else 1
    limits = () if wanted["maxFrameSize"] is None else ("maxFrameSize",)
    for name in (*_COUNTS, *limits, "frameGroupStride"):
        wanted[name] = _count(wanted[name], name)
    wanted["frameBase"] = whole(wanted["frameBase"], "frameBase") or 0
    return wanted


def _axis_length(metadata: Mapping[str, Any], value: object) -> object:
    if not isinstance(value, str):
        return value
    ranges: Mapping[str, object] = metadata.get("IndexRange") or {}
    return ranges.get(f"Index{value.upper()}", 1)


def _count(value: object, name: str) -> int:
    number = whole(value, name)
    if number is None or number < 1:
        raise InvalidRequest(f"{name} is at least 1, not {value!r}")
    return number


def _size(metadata: Mapping[str, Any], name: str) -> int:
    return _count(metadata.get(name), name)


def _frames(metadata: Mapping[str, Any], options: Mapping[str, Any]) -> list[int]:
    """Return the numbers of the frames in the order they are laid out in."""
    count = max(len(metadata.get("frames") or ()), 1)
    frames = list(range(options["frameBase"], count, options["frameStride"]))
    if not frames or options["frameBase"] < 0:
        raise InvalidRequest(f"frameBase is 0 to {count - 1}, not {options['frameBase']}")
    step = options["frameGroupStride"]
    return [frame for start in range(step) for frame in frames[start::step]]


def _layout(size: tuple[int, int], count: int, options: Mapping[str, Any]) -> Layout:
    """Return the layout with the largest cells; with groups, unless these make it much smaller."""
    best = _largest(size, count, options, group=1)
    group = options["frameGroup"]
    if group < 2 or best.per_texture >= count:
        return best
    grouped = _largest(size, count, options, group)
    factor = options["frameGroupFactor"]
    return grouped if grouped.width * factor >= best.width else best


def _largest(size: tuple[int, int], count: int, options: Mapping[str, Any], group: int) -> Layout:
    """Return the layout with the largest cells, and of these the one with the fewest textures."""
    found = []
    for textures in range(1, min(options["maxTextures"], -(-count // group)) + 1):
        side = min(
            options["maxTextureSize"], math.isqrt(options["maxTotalTexturePixels"] // textures)
        )
        in_each = -(-count // textures)
        in_each = -(-in_each // group) * group
        cells = [
            (*_cell(size, side, across, -(-in_each // across), options), across, in_each)
            for across in range(1, in_each + 1)
        ]
        # Of cells of one size, those are taken whose texture is nearest to a square.
        found.append(max(cells, key=lambda cell: (_share(size, cell), -_stretch(cell))))
    width, height, across, in_each = max(found, key=lambda cell: _share(size, cell))
    return Layout(width=width, height=height, across=across, per_texture=in_each)


def _share(size: tuple[int, int], cell: tuple[int, int, int, int]) -> float:
    """Return how large a frame is shown, at most whole."""
    return min(cell[0] / size[0], cell[1] / size[1], 1.0)


def _stretch(cell: tuple[int, int, int, int]) -> float:
    width, height, across, count = cell
    return max(width * across, height * -(-count // across))


def _cell(
    size: tuple[int, int], side: int, across: int, down: int, options: Mapping[str, Any]
) -> tuple[int, int]:
    """Return the aligned width and height of a cell that fits so many times in a texture."""
    step = options["alignment"]
    largest = options["maxFrameSize"] or max(*size, side)
    factor = min(1.0, largest / max(size), side / across / size[0], side / down / size[1])
    width, height = (
        min(math.ceil(length * factor / step), max(min(side // times, largest) // step, 1)) * step
        for length, times in ((size[0], across), (size[1], down))
    )
    return width, height


def _source(
    options: Mapping[str, Any], layout: Layout, frames: Sequence[int], is_all: bool
) -> dict[str, Any]:
    """Return the arguments of the call that gives one texture."""
    listed = {} if is_all else {"frameList": list(frames)}
    return {
        "framesAcross": layout.across, "width": layout.width, "height": layout.height,
        "fill": "corner:black", "exact": False, **listed, **options["format"], **options["query"],
    }  # fmt: skip


def _quad(
    size: tuple[int, int], content: tuple[int, int], layout: Layout, place: int, count: int
) -> dict[str, Any]:
    """Return where a frame is in the world, and in its texture, whose y axis points up."""
    row, column = divmod(place, layout.across)
    rows = -(-count // layout.across)
    left, bottom = column * layout.width, (rows - row) * layout.height
    return {
        "ul": {"x": 0, "y": 0, "z": -1},
        "lr": {"x": size[0], "y": -size[1], "z": -1},
        "crop": {
            "x": size[0], "y": size[1], "left": left, "top": bottom - content[1],
            "right": left + content[0], "bottom": bottom,
        },
    }  # fmt: skip


def _level(metadata: Mapping[str, Any], content: tuple[int, int]) -> int:
    tiles = (
        content[0] / _size(metadata, "tileWidth"), content[1] / _size(metadata, "tileHeight")
    )  # fmt: skip
    return math.ceil(math.log2(max(min(tiles), 2.0**-30)))
