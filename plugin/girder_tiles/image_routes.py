"""The routes on the image of an item as a whole: describe it, make it, take it away."""

from __future__ import annotations

from typing import Any

from girder.api import access
from girder.api.describe import Description, autoDescribeRoute
from girder.api.rest import filtermodel, getCurrentUser
from girder.constants import AccessType, TokenScope
from girder.models.file import File
from girder.models.item import Item
from girder_jobs.models.job import Job

from girder_tiles import describe, recognition, serving
from girder_tiles.conversion_jobs import Conversion
from girder_tiles.describe import Values, values
from girder_tiles.errors import AlreadyAnImage, BadParameter, rest_errors
from girder_tiles.files import Document
from tilesource.conversion import ConversionOptions

CREATE = (
    *describe.CONVERSION,
    describe.Parameter(name="fileId", text="The file; needed if the item has several."),
    describe.Parameter(
        name="force", text="Convert even what can be served as it is.",
        kind="boolean", default=False,
    ),
    describe.Parameter(
        name="localJob", text="Convert beside the server, not on a remote worker.",
        kind="boolean", default=False,
    ),
    describe.Parameter(
        name="notify", text="For clients that set it: the job always tells of its end.",
        kind="boolean", default=True,
    ),
    describe.Parameter(
        name="concurrent", text="For clients that set it: the worker decides.", kind="integer"
    ),
)  # fmt: skip


@access.public(scope=TokenScope.DATA_READ, cookie=True)
@autoDescribeRoute(
    describe.with_item(Description("Get the metadata of an item's image."), AccessType.READ)
)
def get_metadata(item: Document | None) -> Values:
    """Answer with the size, levels, scale and frames of the image."""
    with rest_errors(), serving.opened(serving.ready_image(item)) as source:
        return source.getMetadata()


@access.user(scope=TokenScope.DATA_WRITE)
@filtermodel(model=Job)
@autoDescribeRoute(
    describe.with_parameters(
        describe.with_item(
            Description("Make a file of an item its image.").notes(
                "Answers with the job if the file has to be converted first, else with null."
            ),
            AccessType.WRITE,
        ),
        CREATE,
    )
)
def create_image(item: Document | None, params: Values) -> Document | None:
    """Make a file the image of its item; answer with the job that does it, if it takes one."""
    with rest_errors():
        found, wanted = serving.existing(item), values(params, CREATE)
        if found.get("largeImage"):
            raise AlreadyAnImage("This item already has an image; delete that first.")
        return recognition.attach(
            found,
            _chosen_file(found, wanted["fileId"]),
            getCurrentUser(),
            force=wanted["force"],
            conversion=_conversion(wanted),
        )


@access.user(scope=TokenScope.DATA_WRITE)
@autoDescribeRoute(
    describe.with_item(
        Description("Take the image from an item; its original file stays."), AccessType.WRITE
    )
)
def delete_image(item: Document | None) -> dict[str, bool]:
    """Take the image from the item, and say whether there was one."""
    with rest_errors():
        return {"deleted": recognition.discard(serving.existing(item))}


def _conversion(wanted: Values) -> Conversion:
    options = ConversionOptions(
        compression=wanted["compression"],
        quality=wanted["quality"],
        tile_size=wanted["tileSize"],
    )
    return Conversion(options=options, queue="local" if wanted["localJob"] else "celery")


def _chosen_file(item: Document, file_id: str | None) -> Document:
    """Return the file of the item; one of another item might be unreadable to the user."""
    if file_id:
        file = File().load(file_id, force=True)
        if file is None or file.get("itemId") != item["_id"]:
            raise BadParameter("fileId must name a file of this item.")
        return file
    files = list(Item().childFiles(item, limit=2))
    if len(files) != 1:
        raise BadParameter("fileId is needed, as the item has not exactly one file.")
    return files[0]


def add_to(api_root: Any) -> None:
    """Add the routes of `item/:itemId/tiles` to the API."""
    path = (":itemId", "tiles")
    api_root.item.route("GET", path, get_metadata)
    api_root.item.route("POST", path, create_image)
    api_root.item.route("DELETE", path, delete_image)
