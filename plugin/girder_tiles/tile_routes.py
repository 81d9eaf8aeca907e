"""The routes that answer with tiles, regions, thumbnails and associated images."""

from __future__ import annotations

import re
from typing import Any

from girder.api import access
from girder.api.describe import Description, autoDescribeRoute
from girder.constants import AccessType, TokenScope

from girder_tiles import describe, serving
from girder_tiles.describe import Group, Values, values
from girder_tiles.errors import BadParameter, rest_errors
from girder_tiles.files import Document
from girder_tiles.image_requests import (
    AssociatedImageRequest,
    DeepZoomDescriptorRequest,
    DeepZoomTileRequest,
    RegionRequest,
    ThumbnailRequest,
    TileRequest,
)
from girder_tiles.responses import send
from girder_tiles.settings import settings
from tilesource.encoding import Encoding
from tilesource.options import Options
from tilesource.protocols.dzi import DeepZoom

SHOWN = (*describe.ENCODING, *describe.NOT_YET)
ZXY = (*describe.TILE, *describe.FRAME, *SHOWN, *describe.EDGE)
FZXY = (*describe.TILE, *describe.FRAME_IN_PATH, *SHOWN, *describe.EDGE)
REGION = (
    *describe.RECTANGLE,
    *describe.SIZE,
    *describe.SCALE,
    *describe.FRAME,
    *SHOWN,
    *describe.TIFF,
    *describe.FILL,
    *describe.DISPOSITION,
)
THUMBNAIL = (
    *describe.SIZE,
    *describe.FRAME,
    *SHOWN,
    *describe.FILL,
    *describe.DISPOSITION,
)
THUMBNAIL_SIDE = 256
"""The largest width and height of a thumbnail for which neither is asked."""
ASSOCIATED = (*describe.SIZE, *SHOWN, *describe.DISPOSITION)
DEEP_ZOOM = (*describe.DEEP_ZOOM, *describe.FRAME, *SHOWN)

DEEP_ZOOM_TILE = re.compile(r"(\d{1,9})_(\d{1,9})\.(jpg|jpeg|png)")
DEEP_ZOOM_ENCODING = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG"}


def _described(summary: str, *groups: Group) -> autoDescribeRoute:
    description = describe.with_item(Description(summary), AccessType.READ)
    return autoDescribeRoute(describe.with_parameters(description, *groups))


readable = access.public(scope=TokenScope.DATA_READ, cookie=True)
"""Anybody who may read the item; the cookie is what <img> elements authenticate with."""


@readable
@_described("Get a tile.", ZXY)
def get_tile(item: Document | None, z: int, x: int, y: int, params: Values) -> bytes:
    """Answer with one tile."""
    return send(item, _tile_request({**params, "z": z, "x": x, "y": y}, ZXY))


@readable
@_described("Get a tile of a frame.", FZXY)
def get_frame_tile(
    item: Document | None, frame: int, z: int, x: int, y: int, params: Values
) -> bytes:
    """Answer with one tile of one frame."""
    named = {**params, "frame": frame, "z": z, "x": x, "y": y}
    return send(item, _tile_request(named, FZXY))


@readable
@_described("Get a rectangle of the image.", REGION)
def get_region(item: Document | None, params: Values) -> bytes:
    """Answer with a rectangle of the image."""
    with rest_errors():
        wanted = values(params, REGION)
        request = RegionRequest(
            region=_region(wanted),
            output=_given({"maxWidth": wanted["width"], "maxHeight": wanted["height"]}),
            scale=_given({each.name: wanted[each.name] for each in describe.SCALE}),
            encoding=_encoding(wanted),
            frame=wanted["frame"],
            fill=_fill(wanted["fill"]),
            max_pixels=settings().max_region_pixels,
        )
    return send(item, request, wanted)


@readable
@_described("Get a thumbnail of the image.", THUMBNAIL)
def get_thumbnail(item: Document | None, params: Values) -> bytes:
    """Answer with the whole image, small."""
    with rest_errors():
        wanted = values(params, THUMBNAIL)
        request = ThumbnailRequest(
            **_thumbnail_size(wanted),
            encoding=_encoding(wanted),
            frame=wanted["frame"],
            fill=_fill(wanted["fill"]),
            max_pixels=settings().max_region_pixels,
        )
    return send(item, request, wanted)


@readable
@_described("List the images that are in the file beside the main one.")
def get_images(item: Document | None) -> list[str]:
    """Answer with the names of the associated images."""
    with rest_errors(), serving.opened(serving.ready_image(item)) as source:
        return source.getAssociatedImagesList()


@readable
@autoDescribeRoute(
    describe.with_parameters(
        describe.with_item(Description("Get an associated image."), AccessType.READ).param(
            "image", "The name of the image.", paramType="path"
        ),
        ASSOCIATED,
    )
)
def get_image(item: Document | None, image: str, params: Values) -> bytes:
    """Answer with one associated image."""
    with rest_errors():
        wanted = values(params, ASSOCIATED)
        request = AssociatedImageRequest(
            key=image,
            width=wanted["width"],
            height=wanted["height"],
            encoding=_encoding(wanted),
            max_pixels=settings().max_region_pixels,
        )
    return send(item, request, wanted)


@readable
@_described("Get the Deep Zoom description of the image.", DEEP_ZOOM)
def get_deep_zoom(item: Document | None, params: Values) -> bytes:
    """Answer with what a Deep Zoom client reads first."""
    with rest_errors():
        request = DeepZoomDescriptorRequest(cut=_deep_zoom(values(params, DEEP_ZOOM)))
    return send(item, request)


@readable
@autoDescribeRoute(
    describe.with_parameters(
        describe.with_item(Description("Get a Deep Zoom tile."), AccessType.READ)
        .param("level", "The level; 0 is one pixel.", paramType="path", dataType="integer")
        .param("xandy", "Column and row, such as 3_4.jpg.", paramType="path"),
        DEEP_ZOOM,
    )
)
def get_deep_zoom_tile(item: Document | None, level: int, xandy: str, params: Values) -> bytes:
    """Answer with one tile of a Deep Zoom grid."""
    with rest_errors():
        named = DEEP_ZOOM_TILE.fullmatch(xandy)
        if named is None or not 0 <= level < 64:
            raise BadParameter("A Deep Zoom tile is LEVEL/COLUMN_ROW.jpg or .png.")
        wanted = values(params, DEEP_ZOOM) | {"encoding": DEEP_ZOOM_ENCODING[named[3]]}
        request = DeepZoomTileRequest(
            level=level,
            column=int(named[1]),
            row=int(named[2]),
            frame=wanted["frame"],
            cut=_deep_zoom(wanted),
            max_pixels=settings().max_region_pixels,
        )
    return send(item, request)


def _tile_request(params: Values, groups: Group) -> TileRequest:
    with rest_errors():
        wanted = values(params, groups)
        return TileRequest(
            x=wanted["x"],
            y=wanted["y"],
            z=wanted["z"],
            frame=wanted["frame"],
            options=Options(encoding=_encoding(wanted), edge=_edge(wanted["edge"])),
            max_pixels=settings().max_region_pixels,
        )


def _thumbnail_size(wanted: Values) -> Values:
    size = {name: wanted[name] for name in ("width", "height")}
    return size if any(size.values()) else dict.fromkeys(size, THUMBNAIL_SIDE)


def _edge(text: str) -> str | bool:
    return False if text.lower() in ("", "false", "none") else text


def _fill(text: str | None) -> str | None:
    return None if (text or "none").lower() == "none" else text


def _region(wanted: Values) -> Values:
    names = ("left", "top", "right", "bottom", "units", "unitsWH")
    region = {name: wanted[name] for name in names}
    region |= {"width": wanted["regionWidth"], "height": wanted["regionHeight"]}
    return _given(region)


def _deep_zoom(wanted: Values) -> DeepZoom:
    return DeepZoom(
        tile_size=wanted["tilesize"], overlap=wanted["overlap"], encoding=_encoding(wanted)
    )


def _encoding(wanted: Values) -> Encoding:
    return Encoding(
        name=wanted["encoding"].upper() or "JPEG",
        quality=wanted["jpegQuality"],
        subsampling=wanted["jpegSubsampling"],
        tiff_compression=wanted.get("tiffCompression") or "raw",
    )


def _given(wanted: Values) -> Values:
    return {name: value for name, value in wanted.items() if value is not None}


ROUTES = (
    (("zxy", ":z", ":x", ":y"), get_tile),
    (("fzxy", ":frame", ":z", ":x", ":y"), get_frame_tile),
    (("region",), get_region),
    (("thumbnail",), get_thumbnail),
    (("images",), get_images),
    (("images", ":image"), get_image),
    (("dzi.dzi",), get_deep_zoom),
    (("dzi_files", ":level", ":xandy"), get_deep_zoom_tile),
)


def add_to(api_root: Any) -> None:
    """Add the routes below `item/:itemId/tiles` to the API."""
    for path, handler in ROUTES:
        api_root.item.route("GET", (":itemId", "tiles", *path), handler)
