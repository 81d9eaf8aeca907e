"""The parameters of the routes: each is declared once, with the values that it may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from girder.api.describe import Description
from girder.models.item import Item

from girder_tiles.errors import BadParameter
from tilesource.conversion import ConversionOptions

Kind = Literal["integer", "number", "string", "boolean"]
Values = dict[str, Any]

DEFAULTS = ConversionOptions()
FAR = 2**31
"""No image has a side as long as this, in whatever unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a route; numbers are limited to finite values from minimum to maximum."""

    name: str
    text: str
    kind: Kind = "string"
    minimum: float = 0
    maximum: float = FAR
    default: Any = None
    choices: tuple[str, ...] = ()
    path: bool = False
    served: bool = True

    def checked(self, value: Any) -> Any:
        """Return the value, or raise BadParameter."""
        if value and not self.served:
            raise BadParameter(f"{self.name} is not served over REST yet.")
        if value is None or self.kind in ("string", "boolean"):
            return value
        if not self.minimum <= value <= self.maximum:  # false of NaN, too
            raise BadParameter(
                f"{self.name} must be from {self.minimum:.10g} to {self.maximum:.10g}, "
                f"not {str(value)[:40]}."
            )
        return value


Group = tuple[Parameter, ...]

TILE: Group = (
    Parameter(name="z", text="The level; 0 is the smallest.", kind="integer", path=True),
    Parameter(name="x", text="The column; 0 is the left side.", kind="integer", path=True),
    Parameter(name="y", text="The row; 0 is the top.", kind="integer", path=True),
)
FRAME: Group = (
    Parameter(name="frame", text="The frame of an image with several.", kind="integer", default=0),
)
FRAME_IN_PATH: Group = (
    Parameter(name="frame", text="The frame of the image.", kind="integer", path=True),
)
ENCODING: Group = (
    Parameter(name="encoding", text="JPEG, PNG or another encoding.", default="JPEG"),
    Parameter(
        name="jpegQuality", text="1 to 100.", kind="integer", minimum=1, maximum=100, default=95
    ),
    Parameter(
        name="jpegSubsampling",
        text="Chroma: 0 is 4:4:4, 1 is 4:2:2, 2 is 4:2:0.",
        kind="integer",
        maximum=2,
        default=0,
    ),
)
TIFF: Group = (
    Parameter(name="tiffCompression", text="Of a TIFF: raw, lzw, deflate, jpeg.", default="raw"),
)
FILL: Group = (
    Parameter(
        name="fill",
        text="With width and height: the colour that fills the rest of them, such as #ff0000.",
    ),
)
EDGE: Group = (
    Parameter(
        name="edge",
        text="What is beyond the image: false (as it comes), crop, or a colour such as #ff0000.",
        default="false",
    ),
    Parameter(
        name="redirect",
        text="For clients that set it: this server always answers with the tile itself.",
        default="false",
    ),
)
_UNITS = "base_pixels, pixels (of the result), nm, um, mm, m, km or fraction"
_SIDES = ("left", "top", "right", "bottom")
RECTANGLE: Group = (
    *(
        Parameter(
            name=side,
            text=f"The {side} side; less than 0 counts from the far side of the image.",
            kind="number",
            minimum=-FAR,
        )
        for side in _SIDES
    ),
    Parameter(name="regionWidth", text="The width of the region.", kind="number"),
    Parameter(name="regionHeight", text="The height of the region.", kind="number"),
    Parameter(
        name="units",
        text=f"What the region is given in: {_UNITS}.",
        default="base_pixels",
    ),
    Parameter(
        name="unitsWH",
        text="What the width and height of the region are given in, if not in those units.",
    ),
)
SIZE: Group = (
    Parameter(name="width", text="The largest width of the result.", kind="integer", minimum=1),
    Parameter(name="height", text="The largest height of the result.", kind="integer", minimum=1),
)
SCALE: Group = (
    Parameter(name="magnification", text="The magnification of the result.", kind="number"),
    Parameter(name="mm_x", text="The width of a pixel of the result in mm.", kind="number"),
    Parameter(name="mm_y", text="The height of a pixel of the result in mm.", kind="number"),
    Parameter(
        name="exact",
        text="Fail unless the image is stored at that very scale.",
        kind="boolean",
        default=False,
    ),
)
DISPOSITION: Group = (
    Parameter(
        name="contentDisposition",
        text="Whether a browser shows or saves the result.",
        choices=("inline", "attachment"),
    ),
    Parameter(name="contentDispositionFilename", text="The name under which it is saved."),
)
DEEP_ZOOM: Group = (
    Parameter(
        name="tilesize", text="The size of a tile.", kind="integer",
        minimum=1, maximum=4096, default=256,
    ),
    Parameter(
        name="overlap", text="By how many pixels tiles overlap on each side.", kind="integer",
        maximum=2048, default=0,
    ),
)
NOT_YET: Group = (
    Parameter(name="style", text="Not served yet; any style is refused.", served=False),
)
CONVERSION: Group = (
    Parameter(
        name="compression", text="How the converted image is compressed.",
        default=DEFAULTS.compression,
    ),
    Parameter(
        name="quality", text="1 to 100, of a lossy compression.", kind="integer",
        minimum=1, maximum=100, default=DEFAULTS.quality,
    ),
    Parameter(
        name="tileSize", text="The size of its tiles, a multiple of 16.", kind="integer",
        minimum=16, maximum=4096, default=DEFAULTS.tile_size,
    ),
)  # fmt: skip


def with_item(description: Description, level: int) -> Description:
    """Declare the item of the path; an unknown one arrives as None, so that we answer 404."""
    return description.modelParam(
        "itemId", "The ID of the item.", model=Item, level=level, exc=False
    )


def with_parameters(description: Description, *groups: Group) -> Description:
    """Declare the parameters; a handler names those of the path, `params` holds the others."""
    for parameter in (parameter for group in groups for parameter in group):
        description.param(
            parameter.name,
            parameter.text,
            paramType="path" if parameter.path else "query",
            dataType=parameter.kind,
            required=parameter.path,
            default=parameter.default,
            enum=list(parameter.choices) or None,
        )
    return description


def values(params: Mapping[str, Any], *groups: Group) -> Values:
    """Return the declared parameters of a request by name, or raise BadParameter."""
    return {
        parameter.name: parameter.checked(params.get(parameter.name))
        for group in groups
        for parameter in group
    }
