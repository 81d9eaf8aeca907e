"""What OME-NGFF says of the arrays of a zarr hierarchy: their axes, scale, channels and levels.

Source: the OME-NGFF specification, versions 0.1 to 0.5.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tilesource.errors import DamagedFile

_MILLIMETRES = {
    "meter": 1e3, "centimeter": 10.0, "millimeter": 1.0, "micrometer": 1e-3, "nanometer": 1e-6,
    "picometer": 1e-9, "angstrom": 1e-7, "m": 1e3, "mm": 1.0, "um": 1e-3, "µm": 1e-3, "nm": 1e-6,
}  # fmt: skip
_OLD_AXES = "tczyx"  # of versions before 0.3, which name none
_DEEPEST = 4
_MOST_GROUPS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiscale:
    """One image: its arrays from the finest to the coarsest, and what their axes mean."""

    arrays: Sequence[Any]
    names: Sequence[str]  # of the axes: y, x and s are of the plane, others count frames
    mm_x: float | None = None
    mm_y: float | None = None
    channels: tuple[str, ...] = ()


def multiscales_of(root: Any) -> list[Multiscale]:
    """Return the images of a hierarchy that describes them, or none."""
    found: list[Multiscale] = []
    for group in _groups(root, 0, [0]):
        facts = _facts(group)
        for described in facts.get("multiscales", ())[:1]:
            found.append(_multiscale(group, described, facts.get("omero") or {}))
    return found


def _groups(group: Any, depth: int, seen: list[int]) -> Iterator[Any]:
    """Yield a group and those below it, but not those below an image."""
    seen[0] += 1
    if seen[0] > _MOST_GROUPS or not hasattr(group, "groups"):
        return
    yield group
    if depth < _DEEPEST and "multiscales" not in _facts(group):
        children = sorted(group.groups(), key=lambda child: _natural(child[0]))
        for _, child in children:
            yield from _groups(child, depth + 1, seen)


def _natural(name: str) -> tuple[int, str]:
    return (int(name), "") if name.isdigit() and len(name) < 10 else (1 << 30, name)


def _facts(group: Any) -> Mapping[str, Any]:
    """Return a group's OME attributes, which version 0.5 keeps one level deeper."""
    attributes: Mapping[str, Any] = group.attrs.asdict()
    deeper = attributes.get("ome")
    return deeper if isinstance(deeper, Mapping) and "multiscales" in deeper else attributes


def _multiscale(group: Any, described: Mapping[str, Any], omero: Mapping[str, Any]) -> Multiscale:
    try:
        datasets = described["datasets"]
        arrays = [group[dataset["path"]] for dataset in datasets]
        names = _axis_names(described, arrays[0].ndim)
        scales = _scales(described, datasets[0], len(names))
        units = [_unit(axis) for axis in described.get("axes", ())] or [None] * len(names)
    except (KeyError, TypeError, IndexError, AttributeError) as exc:
        raise DamagedFile(f"its multiscales are described wrongly: {exc!r}") from exc
    if len(names) != arrays[0].ndim or not {"x", "y"} <= set(names):
        raise DamagedFile(f"its axes {names} do not fit an array of {arrays[0].ndim} dimensions")
    lengths = dict(zip(names, zip(scales, units, strict=True), strict=True))
    return Multiscale(
        arrays=arrays,
        names=names,
        mm_x=_length(*lengths["x"]),
        mm_y=_length(*lengths["y"]),
        channels=_channels(omero),
    )


def _axis_names(described: Mapping[str, Any], count: int) -> list[str]:
    axes = described.get("axes") or _OLD_AXES[-count:]
    return [str(axis["name"] if isinstance(axis, Mapping) else axis).lower() for axis in axes]


def _unit(axis: Any) -> float | None:
    return _MILLIMETRES.get(str(axis.get("unit", ""))) if isinstance(axis, Mapping) else None


def _scales(described: Mapping[str, Any], dataset: Mapping[str, Any], count: int) -> list[float]:
    """Return the size of an element on each axis: a dataset's scale, times that of all."""
    scales = [1.0] * count
    for transforms in (dataset, described):
        for transform in transforms.get("coordinateTransformations", ()):
            if transform.get("type") == "scale" and len(transform.get("scale", ())) == count:
                pairs = zip(scales, transform["scale"], strict=True)
                scales = [scale * float(factor) for scale, factor in pairs]
    return scales


def _length(scale: float, unit: float | None) -> float | None:
    return scale * unit if unit and 0 < scale < 1e9 else None


def _channels(omero: Mapping[str, Any]) -> tuple[str, ...]:
    channels = omero.get("channels") if isinstance(omero, Mapping) else None
    if not isinstance(channels, list):
        return ()
    labels = [each.get("label") for each in channels if isinstance(each, Mapping)]
    return tuple(str(label) for label in labels) if all(labels) else ()
