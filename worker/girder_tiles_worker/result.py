"""Bring the converted file to the item."""

from __future__ import annotations

import json
from pathlib import Path

from girder_client import GirderClient

from girder_tiles_worker.errors import ConversionFailed, ResultNotWanted
from girder_tiles_worker.girder_outage import keep_trying


def is_attached(girder: GirderClient, item_id: str, job_id: str) -> bool:
    """Return whether an attempt before this one has finished; raise if nobody waits any more."""
    image = girder.getItem(item_id).get("largeImage") or {}
    if image.get("jobId") != job_id:
        raise ResultNotWanted("The item does not wait for this conversion any more.")
    return not image.get("expected")


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
    image = girder.getItem(item_id).get("largeImage") or {}
    if image.get("fileId") != file["_id"]:
        girder.delete(f"file/{file['_id']}")
        if image.get("jobId") == job_id:
            raise ConversionFailed("Girder could not read what it was converted to.")
        raise ResultNotWanted("The item does not wait for this conversion any more.")
