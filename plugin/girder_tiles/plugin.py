"""What Girder loads when its server starts."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from girder.constants import AccessType
from girder.models.item import Item
from girder.plugin import GirderPlugin, getPlugin, registerPluginStaticContent

from girder_tiles import girder_settings, image_routes, tile_routes

logger = logging.getLogger(__name__)

WEB_CLIENT = Path(__file__).parent / "web_client"
SCRIPT, STYLE = "girder-tiles.umd.cjs", "style.css"


class TilesPlugin(GirderPlugin):
    """Tiles, regions and thumbnails of the images in Girder."""

    DISPLAY_NAME = "Girder Tiles"

    def load(self, info: dict[str, Any]) -> None:
        """Add the routes, settings and web client to a starting server."""
        for name in ("jobs", "worker"):
            getPlugin(name).load(info)
        tile_routes.add_to(info["apiRoot"])
        image_routes.add_to(info["apiRoot"])
        girder_settings.add_to(info["apiRoot"])
        Item().exposeFields(level=AccessType.READ, fields={"largeImage"})
        add_web_client(info["serverRoot"])


def add_web_client(tree: Any) -> None:
    """Register the built web client; Girder does not start with a listed file that is missing."""
    missing = [name for name in (SCRIPT, STYLE) if not (WEB_CLIENT / name).is_file()]
    if missing:
        logger.warning(
            "No viewer on item pages: %s is not built. Build web_client and start again.",
            " and ".join(missing),
        )
        return
    registerPluginStaticContent(
        plugin="large_image", js=[f"/{SCRIPT}"], css=[f"/{STYLE}"], staticDir=WEB_CLIENT, tree=tree
    )
