"""From the `style` parameter, a JSON text or a dictionary, to a checked Style."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast, get_args

import numpy as np

from tilesource.errors import InvalidRequest
from tilesource.style.functions import find_function
from tilesource.style.model import (
    GREY,
    NO_STYLE,
    OPACITY,
    BandStyle,
    Colours,
    Composite,
    FunctionCall,
    Intent,
    Limit,
    LimitKind,
    OutputType,
    Stage,
    Style,
)  # fmt: skip
from tilesource.style.palettes import getPaletteColors
from tilesource.style.values import boolean, number, one_of, whole

BAND_NAMES = ("red", "green", "blue", "gray", "alpha")
_LONGEST_TEXT = 1 << 20
_MOST_BANDS = 256
_MOST_FUNCTIONS = 16
_MOST_FRAMES = 1 << 31

_OUTPUTS = {
    "uint8": OutputType(dtype=np.dtype(np.uint8)),
    "uint16": OutputType(dtype=np.dtype(np.uint16), full=65535.0),
    "float": OutputType(dtype=np.dtype(np.float32), full=1.0),
    **{
        name: OutputType(dtype=np.dtype(name))
        for name in ("int16", "int32", "uint32", "float32", "float64")
    },
}
_BAND_STAGES = ("preband", "band", "postband")
_WHOLE_STAGES = ("pre", "main", "post")


def parse_style(style: str | Mapping[str, Any] | None) -> Style:
    """Return the style as values, or raise InvalidRequest with a sentence that names the key."""
    wanted = _as_dictionary(style)
    if not wanted:
        return NO_STYLE
    icc = parse_icc(wanted["icc"]) if "icc" in wanted else None
    if set(wanted) == {"icc"}:
        return Style(icc=icc, original=wanted)
    bands = [wanted] if "bands" not in wanted else _band_list(wanted["bands"])
    whole_image = wanted if len(bands) != 1 else {**bands[0], **wanted}
    return Style(
        bands=tuple(_band(band) for band in bands),
        icc=icc,
        output=_output(whole_image.get("dtype")),
        axis=_axis(whole_image.get("axis")),
        functions=_functions(wanted, _WHOLE_STAGES, None if "bands" not in wanted else "main"),
        original=wanted,
    )


def _as_dictionary(style: object) -> Mapping[str, Any]:
    if style is None:
        return {}
    if isinstance(style, str):
        style = _from_json(style)
    if not isinstance(style, Mapping):
        raise InvalidRequest(f"a style is a dictionary, not {_shown(style)}")
    return style


def _from_json(text: str) -> object:
    if len(text) > _LONGEST_TEXT:
        raise InvalidRequest(f"a style of {len(text):,} characters is too long")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise InvalidRequest(f"the style is not JSON: {_shown(text)}") from exc


def _band_list(bands: object) -> Sequence[Mapping[str, Any]]:
    if not isinstance(bands, list | tuple) or not all(isinstance(band, Mapping) for band in bands):
        raise InvalidRequest(f"bands is a list of dictionaries, not {_shown(bands)}")
    if len(bands) > _MOST_BANDS:
        raise InvalidRequest(f"bands lists {len(bands)} styles, more than {_MOST_BANDS}")
    return bands


def _band(wanted: Mapping[str, Any]) -> BandStyle:
    band = _band_name(wanted.get("band"))
    is_alpha = band == "alpha"
    return BandStyle(
        band=band,
        frame=_frame(wanted, "frame", 0),
        frame_delta=_frame(wanted, "framedelta", -_MOST_FRAMES) or 0,
        low=_limit(wanted, "min"),
        high=_limit(wanted, "max"),
        colours=_colours(wanted, OPACITY if is_alpha else GREY),
        discrete=one_of("scheme", wanted.get("scheme"), ("linear", "discrete")) == "discrete",
        nodata=number("nodata", wanted.get("nodata")),
        clamp=boolean("clamp", wanted.get("clamp", True)),
        composite=_composite(wanted.get("composite"), is_alpha),
        functions=_functions(wanted, _BAND_STAGES, "band"),
    )


def _band_name(band: object) -> int | str | None:
    """Return the 1-based number or the name of a band, or None for the grey value."""
    if isinstance(band, str) and not band.strip().lstrip("-").isdecimal():
        name = {"grey": "gray"}.get(band, band)
        return one_of("band", name, BAND_NAMES)
    found = whole("band", band)
    if found is None or found == -1:
        return None
    if found < 1:
        raise InvalidRequest(f"band is counted from 1, or -1 for the grey value, not {found}")
    return found


def _frame(wanted: Mapping[str, Any], key: str, least: int) -> int | None:
    found = whole(key, wanted.get(key))
    if found is not None and not least <= found <= _MOST_FRAMES:
        raise InvalidRequest(f"{key} is {_shown(found)}, which is no frame")
    return found


def _limit(wanted: Mapping[str, Any], key: str) -> Limit:
    value = wanted.get(key)
    if value is None:
        return Limit()
    if not isinstance(value, str):
        return Limit(kind="number", value=cast(float, number(key, value)))
    kind, has_share, share = value.partition(":")
    if kind not in get_args(LimitKind)[1:]:
        return Limit(kind="number", value=cast(float, number(key, value)))
    if not has_share:
        return Limit(kind=cast(LimitKind, kind))
    found = number(key, share)
    if kind == "full" or found is None or not 0 <= found <= 1:
        raise InvalidRequest(f"{key} is min, max or auto with a share of 0 to 1, not {value!r}")
    return Limit(kind=cast(LimitKind, kind), value=found)


def _colours(wanted: Mapping[str, Any], default: Colours) -> Colours:
    if "palette" not in wanted:
        return default
    try:
        return getPaletteColors(wanted["palette"])
    except InvalidRequest as exc:
        raise InvalidRequest(f"palette: {exc}") from exc


def _composite(value: object, is_alpha: bool) -> Composite:
    found = one_of("composite", value, get_args(Composite))
    return cast(Composite, found or ("multiply" if is_alpha else "lighten"))


def _output(name: object) -> OutputType | Any | None:
    found = one_of("dtype", name, (*_OUTPUTS, "source"))
    return found if found in (None, "source") else _OUTPUTS[str(found)]


def _axis(value: object) -> int | None:
    found = whole("axis", value)
    if found is not None and not 0 <= found <= 3:
        raise InvalidRequest(f"axis is 0 to 3, for red, green, blue and alpha, not {found}")
    return found


def parse_icc(value: object) -> bool | Intent:
    """Return whether an image's colours are corrected, or with which intent."""
    if not isinstance(value, str):
        return boolean("icc", value)
    return cast(Intent, one_of("icc", value.lower(), get_args(Intent)))


def _functions(
    wanted: Mapping[str, Any], stages: tuple[str, ...], default: str | None
) -> tuple[FunctionCall, ...]:
    """Return the calls that a style asks for in some of the stages."""
    value = wanted.get("function")
    if value is None:
        return ()
    listed = value if isinstance(value, list | tuple) else [value]
    if len(listed) > _MOST_FUNCTIONS:
        raise InvalidRequest(f"function lists {len(listed)}, more than {_MOST_FUNCTIONS}")
    calls = [_function(each, stages, default) for each in listed]
    return tuple(call for call in calls if call.stages)


def _function(value: object, stages: tuple[str, ...], default: str | None) -> FunctionCall:
    facts = {"name": value} if isinstance(value, str) else value
    if not isinstance(facts, Mapping):
        raise InvalidRequest(f"function is a name or a dictionary, not {_shown(value)}")
    parameters = facts.get("parameters") or {}
    if not isinstance(parameters, Mapping) or not all(isinstance(key, str) for key in parameters):
        raise InvalidRequest(f"function has parameters by name, not {_shown(parameters)}")
    context = facts.get("context") or None
    return FunctionCall(
        name=str(facts.get("name"))[:200],
        function=find_function(facts.get("name")),
        stages=_stages(facts.get("stage"), default) & frozenset(cast(tuple[Stage, ...], stages)),
        parameters=parameters,
        context=context if isinstance(context, str) else "context" if context else None,
    )


def _stages(value: object, default: str | None) -> frozenset[Stage]:
    if value is None:
        return frozenset(cast(tuple[Stage, ...], () if default is None else (default,)))
    names = value if isinstance(value, list | tuple) else [value]
    return frozenset(cast(Stage, one_of("stage", name, get_args(Stage))) for name in names)


def _shown(value: object) -> str:
    return repr(value)[:100]
