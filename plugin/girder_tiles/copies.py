"""Make the image of a copied item name the copy's own files.

Girder copies `largeImage` as it is, so that it names files of the item that was copied: files
that whoever may read the copy need not be allowed to read.
"""

from __future__ import annotations

from typing import Any

from girder.models.file import File
from girder.models.item import Item

from girder_tiles import images, recognition
from girder_tiles.files import Document


def repair(item: Document) -> None:
    """Give a copied item an image of its own, or recognise it anew if there was none yet."""
    image = item["largeImage"]
    own = None if image.get("expected") else own_image(item, image)
    images.replace(item, own)
    item["largeImage"] = own
    if image.get("expected"):
        _recognise_again(item, image)


def own_image(item: Document, image: Document) -> Document | None:
    """Return the image in terms of the item's own files, or None if one was not copied."""
    own = {"sourceName": image.get("sourceName")}
    for key in ("fileId", "originalId"):
        if key in image:
            own[key] = (_copy_of(image[key], item) or {}).get("_id")
    return own if all(own.values()) else None


def _recognise_again(item: Document, image: Document) -> None:
    file = _copy_of(image.get("originalId"), item)
    if file:
        recognition.recognise(item, file, recognition.uploader(file))
        now = Item().load(item["_id"], force=True) or {}
        item["largeImage"] = now.get("largeImage")  # of the document that answers a request


def _copy_of(file_id: Any, item: Document) -> Document | None:
    """Return the item's copy of a file: a copy keeps name, size and time of its original."""
    original = File().load(file_id, force=True) if file_id else None
    if original is None:
        return None
    for file in Item().childFiles(item):
        if all(file.get(key) == original.get(key) for key in ("name", "size", "created")):
            return file
    return None
