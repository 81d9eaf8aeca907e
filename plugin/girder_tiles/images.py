"""The field `largeImage` of items: who may set it, and when it goes.

Each change is one conditional update of that field: saving a whole item would undo changes made
to it meanwhile, and two uploads into one item must not both win.
"""

from __future__ import annotations

from typing import Any

from girder.models.file import File
from girder.models.item import Item

from girder_tiles.files import Document


def claim(item: Document, image: Document) -> bool:
    """Give an item without an image this one; False if it has one by now."""
    query = {"_id": item["_id"], "largeImage": None}  # null also matches a missing field
    return _update(query, {"$set": {"largeImage": image}})


def finish(item_id: Any, job_id: Any, image: Document) -> bool:
    """Replace the expectation of a job's result by the result; False if nobody expects it."""
    query = {"_id": item_id, "largeImage.jobId": job_id, "largeImage.expected": True}
    return _update(query, {"$set": {"largeImage": image}})


def stop_expecting(job_id: Any) -> bool:
    """Let an item no longer wait for a job."""
    query = {"largeImage.jobId": job_id, "largeImage.expected": True}
    return _update(query, {"$unset": {"largeImage": ""}})


def unset(item: Document) -> bool:
    """Take the image that the caller saw from the item; False if another one is there by now."""
    query = {"_id": item["_id"], "largeImage": item["largeImage"]}
    return _update(query, {"$unset": {"largeImage": ""}})


def replace(item: Document, image: Document | None) -> None:
    """Set the field whatever it is, or take it away."""
    change = {"$set": {"largeImage": image}} if image else {"$unset": {"largeImage": ""}}
    _update({"_id": item["_id"]}, change)


def naming(file: Document) -> Document | None:
    """Return the item whose image comes from the file, or None."""
    item = Item().load(file["itemId"], force=True) if file.get("itemId") else None
    image = (item or {}).get("largeImage") or {}
    return item if file["_id"] in (image.get("fileId"), image.get("originalId")) else None


def converted_file(item: Document) -> Document | None:
    """Return the file that a conversion added to the item, or None."""
    image = item.get("largeImage") or {}
    if not image.get("fileId") or image.get("originalId") in (None, image["fileId"]):
        return None
    file = File().load(image["fileId"], force=True)
    return file if file and file.get("itemId") == item["_id"] else None


def _update(query: Document, change: Document) -> bool:
    return bool(Item().update(query, change, multi=False).matched_count)
