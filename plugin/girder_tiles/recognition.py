"""Find out whether a file is an image, and make it the image of its item."""

from __future__ import annotations

import logging

from girder.models.file import File
from girder.models.user import User

import tilesource
from girder_tiles import conversion_jobs, images
from girder_tiles.conversion_jobs import Conversion
from girder_tiles.errors import AlreadyAnImage, NotLocal
from girder_tiles.files import Document, local_path
from girder_tiles.girder_settings import AUTO_SET, MAX_SMALL_IMAGE_SIZE, value_of
from girder_tiles.image_cache import image_cache
from tilesource.conversion import assess, check_readable
from tilesource.errors import TileSourceError

logger = logging.getLogger(__name__)


def recognise(item: Document, file: Document, user: Document | None) -> None:
    """Give the item the image that the file is, if it is one and the item has none."""
    if item.get("largeImage") or not file.get("size") or not value_of(AUTO_SET):
        return
    try:
        attach(item, file, user)
    except NotLocal as exc:
        logger.info("Not recognised: %s", exc)
    except AlreadyAnImage:  # two files of one item at the same time: the first one wins
        logger.info("%s has an image already", item["name"])
    except TileSourceError as exc:
        logger.debug("%s is not an image: %s", file["name"], exc)


def attach(
    item: Document,
    file: Document,
    user: Document | None,
    *,
    force: bool = False,
    conversion: Conversion | None = None,
) -> Document | None:
    """Make the file the item's image: at once (None), or after a conversion (its job)."""
    with local_path(file) as path, tilesource.open(path) as source:
        small = value_of(MAX_SMALL_IMAGE_SIZE)
        name, needed = source.name, force or assess(source, small).needed
        if not needed:
            check_readable(source)
    if needed:
        return conversion_jobs.start(item, file, path, user, conversion or Conversion())
    if not images.claim(item, {"fileId": file["_id"], "sourceName": name}):
        raise AlreadyAnImage("This item already has an image.")
    return None


def detach(item: Document) -> bool:
    """Take the image from the item, which no longer waits for one; all files stay."""
    image = item.get("largeImage")
    if not image or not images.unset(item):  # first: a late result is not attached any more
        return False
    if image.get("expected"):
        conversion_jobs.cancel(image["jobId"])
    forget(image)
    return True


def discard(item: Document) -> bool:
    """Take the image from the item, and remove the file that a conversion added."""
    converted = images.converted_file(item)
    if not detach(item):
        return False
    if converted:
        File().remove(converted)
    return True


def forget(image: Document) -> None:
    """Drop what is cached of an image."""
    for key in ("fileId", "originalId"):
        if image.get(key):
            image_cache().forget(str(image[key]))


def uploader(file: Document) -> Document | None:
    """Return the user who brought the file, in whose name it is converted."""
    user_id = file.get("copierId") or file.get("creatorId")
    return User().load(user_id, force=True) if user_id else None
