"""From an item and a request to the bytes of an image: cache, open file, compute."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from girder.models.file import File

import tilesource
from girder_tiles.conversion_jobs import percent_done
from girder_tiles.errors import NotAnImage, NotFound
from girder_tiles.files import Document, local_path, version_of
from girder_tiles.image_cache import computed_images
from girder_tiles.image_requests import AS_IT_IS, ImageRequest
from girder_tiles.settings import settings
from tilesource.cache.images import CachedImage
from tilesource.cache.open_sources import OpenSources
from tilesource.options import Options


@dataclass(frozen=True, slots=True)
class StoredImage:
    """The file that an item's image is read from."""

    file: Document

    @property
    def file_id(self) -> str:
        """Return the owner of what is cached."""
        return str(self.file["_id"])

    def etag(self, request: ImageRequest) -> str:
        """Return what is the same as long as the answer is."""
        return f'"{request.digest(version_of(self.file))[:32]}"'

    def cache_key(self, request: ImageRequest) -> str:
        """Return where the answer is cached among those of the file."""
        return request.digest(version_of(self.file))


def existing(item: Document | None) -> Document:
    """Return the item, or raise NotFound."""
    if item is None:
        raise NotFound("There is no such item.")
    return item


def ready_image(item: Document | None) -> StoredImage:
    """Return the image of an item that the user may read, or raise why there is none."""
    image = existing(item).get("largeImage")
    if not image:
        raise NotAnImage("No large image file in this item.")
    if image.get("expected"):
        percent = percent_done(image["jobId"])
        raise NotAnImage(f"This image is still being converted ({percent:.0f} % done).")
    file = File().load(image["fileId"], force=True)
    # An item that was copied may, for a moment, name a file that its readers may not read.
    if file is None or file.get("itemId") != item["_id"]:
        raise NotAnImage("The large image file of this item is gone.")
    return StoredImage(file)


def render(image: StoredImage, request: ImageRequest) -> CachedImage:
    """Return the answer to a request, as stored, from the cache, or computed."""
    with opened(image, request.options) as source:
        stored = request.stored(source)
        if stored is not None:  # to read it costs less than to ask a cache
            return stored
        return computed_images().get(
            image.file_id, image.cache_key(request), lambda: request.render(source)
        )


@contextmanager
def opened(image: StoredImage, options: Options = AS_IT_IS) -> Iterator[tilesource.TileSource]:
    """Open the image's file, or share it with those who have it open."""
    with local_path(image.file) as path, open_sources().borrow(path, options) as source:
        yield source


@functools.cache
def open_sources() -> OpenSources:
    """Return the open files of this process."""
    return OpenSources(settings().open_files)
