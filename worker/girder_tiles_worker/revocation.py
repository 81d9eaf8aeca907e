"""Jobs that are canceled while they wait in the queue."""

from __future__ import annotations

from typing import Any

from celery.signals import task_revoked
from girder_worker.utils import JobManager, JobStatus

from girder_tiles_worker.settings import worker_settings
from girder_tiles_worker.workspace import clean_up


def connect() -> None:
    """Listen to the tasks that a worker throws away unrun."""
    task_revoked.connect(mark_canceled)


def mark_canceled(request: Any = None, **_: Any) -> None:
    """Tell Girder that the job is canceled: girder_worker's own handler does not get that far.

    It may have been in work before, on a worker that was killed.
    """
    message = getattr(request, "message", None)
    headers = getattr(message, "headers", None) or {}
    spec = headers.get("jobInfoSpec") or getattr(request, "jobInfoSpec", None)
    if spec and "url" in spec:
        JobManager(**{**spec, "logPrint": False}).updateStatus(JobStatus.CANCELED)
    clean_up(worker_settings().temporary, getattr(request, "id", None))
