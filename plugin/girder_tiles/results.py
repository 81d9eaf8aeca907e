"""Attach what a conversion uploaded."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass

from bson import ObjectId
from bson.errors import InvalidId
from girder_jobs.constants import JobStatus
from girder_jobs.models.job import Job

import tilesource
from girder_tiles import images
from girder_tiles.conversion_jobs import JOB_TYPE
from girder_tiles.errors import NotServable
from girder_tiles.files import Document, local_path
from tilesource.conversion import assess

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reference:
    """What an upload of our worker says of itself; anybody can write one, so it proves nothing."""

    job_id: ObjectId

    @classmethod
    def parse(cls, text: str | None) -> Reference | None:
        """Return the reference, or None if the upload is not of our worker."""
        try:
            said = json.loads(text or "null")
            return cls(ObjectId(said["girder_tiles"]["jobId"]))
        except (ValueError, KeyError, TypeError, InvalidId, RecursionError):
            return None


def attach_result(item: Document, file: Document, reference: Reference) -> bool:
    """Make the file the item's image if the item waits for it; else leave all as it is."""
    expected = item.get("largeImage") or {}
    job = Job().load(reference.job_id, force=True)
    if not _is_awaited(expected, job, file):
        logger.warning("%s has not been waiting for %s", item["name"], file["name"])
        return False
    with local_path(file) as path, tilesource.open(path) as source:
        if assess(source).needed:
            raise NotServable(f"{file['name']} is not the pyramid of an image.")
        image = {
            "fileId": file["_id"],
            "originalId": expected["originalId"],
            "sourceName": source.name,
            "jobId": expected["jobId"],
        }
    return images.finish(item["_id"], expected["jobId"], image)


def _is_awaited(expected: Document, job: Document | None, file: Document) -> bool:
    """Return whether it is the job that the item waits for, run by the user who uploaded."""
    return (
        job is not None
        and expected.get("expected") is True
        and expected.get("jobId") == job["_id"]
        and job["type"] == JOB_TYPE
        and job["status"] == JobStatus.RUNNING
        and job["userId"] == file.get("creatorId")
    )
