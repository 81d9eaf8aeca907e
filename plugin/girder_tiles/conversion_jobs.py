"""Conversion jobs: start one, cancel one."""

from __future__ import annotations

import datetime
import logging
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from girder.constants import TokenScope
from girder.models.token import Token
from girder_jobs.constants import JobStatus
from girder_jobs.models.job import Job
from girder_plugin_worker.utils import getWorkerApiUrl, jobInfoSpec
from girder_worker.app import app
from kombu.exceptions import OperationalError

from girder_tiles import images
from girder_tiles.errors import AlreadyAnImage, NotAnImage
from girder_tiles.files import Document
from tilesource.conversion import ConversionOptions

logger = logging.getLogger(__name__)

JOB_TYPE = "large_image_tiff"
TASK = "girder_tiles_worker.tasks.convert"
TOKEN_DAYS = 7
OVER = (JobStatus.SUCCESS, JobStatus.ERROR, JobStatus.CANCELED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """How to convert, and in which queue of Celery."""

    options: ConversionOptions = field(default_factory=ConversionOptions)
    queue: str = "celery"


def start(
    item: Document, file: Document, path: Path, user: Document | None, conversion: Conversion
) -> Document:
    """Return the job that converts the file; the item expects its result from now on."""
    if user is None:  # the worker uploads with a token of that user
        raise NotAnImage("Only for a logged in user can an image be converted.")
    job = _create(item, file, user)
    expected = {"expected": True, "jobId": job["_id"], "originalId": file["_id"]}
    if not images.claim(item, expected):
        Job().remove(job)  # it was sent to nobody
        raise AlreadyAnImage("This item already has an image.")
    _send(job, item, file, path, user, conversion)
    return job


def _create(item: Document, file: Document, user: Document) -> Document:
    now = datetime.datetime.now(datetime.timezone.utc)
    return Job().createJob(
        title=f"Convert {file['name']} to a tiled pyramid",
        type=JOB_TYPE,
        user=user,
        handler="celery_handler",
        otherFields={
            "celeryTaskId": str(uuid.uuid4()),
            "status": JobStatus.QUEUED,
            "timestamps": [{"status": JobStatus.QUEUED, "time": now}],
            "meta": {
                "creator": "large_image",
                "task": "createImageItem",
                "itemId": str(item["_id"]),
                "fileId": str(file["_id"]),
            },
        },
    )


def _send(
    job: Document,
    item: Document,
    file: Document,
    path: Path,
    user: Document,
    conversion: Conversion,
) -> None:
    scopes = [TokenScope.DATA_READ, TokenScope.DATA_WRITE]
    token = Token().createToken(user=user, days=TOKEN_DAYS, scope=scopes)
    try:
        app.send_task(
            TASK,
            kwargs={
                "item_id": str(item["_id"]),
                "job_id": str(job["_id"]),
                "file_id": str(file["_id"]),
                "name": file["name"],
                "size": file["size"],
                "path": str(path),
                "options": asdict(conversion.options),
            },
            task_id=job["celeryTaskId"],
            queue=conversion.queue,
            # Nobody asks Celery for it, and to subscribe to it takes 20 s without a broker.
            ignore_result=True,
            headers={
                "jobInfoSpec": jobInfoSpec(job),
                "girder_api_url": getWorkerApiUrl(),
                "girder_client_token": token["_id"],
            },
        )
    except OperationalError as exc:
        logger.warning("No job can be started: %s", exc)
        sentence = "The conversion was not started: the message broker cannot be reached.\n"
        Job().updateJob(job, log=sentence, status=JobStatus.ERROR)


def cancel(job_id: Any) -> None:
    """Cancel a job unless it is over."""
    job = Job().load(job_id, force=True)
    if job is None or job["status"] in OVER:
        return
    try:
        Job().cancelJob(job)
    except OperationalError as exc:  # the job's status is set: the worker asks for it
        logger.warning("The job is canceled, but no worker can be told now: %s", exc)


def unfinished_of(user: Document) -> list[Document]:
    """Return the conversions of a user that are not over."""
    query = {"type": JOB_TYPE, "userId": user["_id"], "status": {"$nin": OVER}}
    return list(Job().find(query))


def percent_done(job_id: Any) -> float:
    """Return how far a job is, 0 to 100."""
    job = Job().load(job_id, force=True)
    progress = (job or {}).get("progress") or {}
    if not progress.get("total"):
        return 0
    return 100 * (progress.get("current") or 0) / progress["total"]
