"""Bring the converted file to the item."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from girder_client import GirderClient, HttpError

from girder_tiles_worker.errors import ConversionFailed, ResultNotWanted
from girder_tiles_worker.girder_outage import keep_trying

NO_SUCH_ITEM = (400, 404)  # Girder answers 400 for an id that it does not know


def is_attached(girder: GirderClient, item_id: str, job_id: str) -> bool:
    """Return whether an attempt before this one has finished; raise if nobody waits any more."""
    image = _image_of(girder, item_id)
    if image.get("jobId") != job_id:
        raise ResultNotWanted("The item does not wait for this conversion any more.")
    return not image.get("expected")


@contextmanager
def still_wanted(girder: GirderClient, item_id: str, job_id: str) -> Iterator[None]:
    """Say that nobody waits any more, if so, instead of what Girder refuses inside for that."""
    try:
        yield
    except HttpError:
        is_attached(girder, item_id, job_id)
        raise


def upload(girder: GirderClient, item_id: str, job_id: str, path: Path, name: str) -> None:
    """Upload the file, which Girder attaches to the item; else it is removed again."""
    size = path.stat().st_size
    print(f"Uploading {name}, {size} bytes.")
    with girder.session() as session, path.open("rb") as stream:
        keep_trying(session, repeatable=False)
        file = girder.uploadFile(
            item_id,
            stream,
            name,
            size,
            mimeType="image/tiff",
            reference=json.dumps({"girder_tiles": {"jobId": job_id}}),
        )
    image = _image_of(girder, item_id)
    if image.get("fileId") != file["_id"]:
        girder.delete(f"file/{file['_id']}")
        if image.get("jobId") == job_id:
            raise ConversionFailed("Girder could not read what it was converted to.")
        raise ResultNotWanted("The item does not wait for this conversion any more.")


def _image_of(girder: GirderClient, item_id: str) -> dict[str, Any]:
    """Return the image of an item, empty if it has none or is gone."""
    try:
        return girder.getItem(item_id).get("largeImage") or {}
    except HttpError as exc:
        if exc.status not in NO_SUCH_ITEM:
            raise
        return {}
