"""Wait for a conversion job, showing how far it is."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from girder_client import GirderClient
from girder_jobs.constants import JobStatus

from girder_tiles.demo.errors import DemoError

POLL_SECONDS = 0.5
# A worker that shows no progress for so long is not working.
STALLED_SECONDS = 600
ENDED = (JobStatus.SUCCESS, JobStatus.ERROR, JobStatus.CANCELED)


def wait_for_conversion(
    client: GirderClient, job_id: str, show: Callable[[float], None]
) -> float | None:
    """Return the seconds that the conversion took; raise DemoError if it failed."""
    job = _wait(client, job_id, show)
    if job["status"] != JobStatus.SUCCESS:
        raise DemoError(f"The conversion failed: {_last_words(client, job_id)}")
    return _seconds(job)


def _wait(client: GirderClient, job_id: str, show: Callable[[float], None]) -> dict[str, Any]:
    seen: object = None
    changed = time.monotonic()
    while True:
        job: dict[str, Any] = client.get(f"job/{job_id}")
        if job["status"] in ENDED:
            return job
        progress = job.get("progress") or {}
        state = (job["status"], progress.get("current"))
        if state != seen:
            seen, changed = state, time.monotonic()
            show((progress.get("current") or 0) / (progress.get("total") or 1))
        if time.monotonic() - changed > STALLED_SECONDS:
            raise DemoError(f"The conversion made no progress for {STALLED_SECONDS} seconds.")
        time.sleep(POLL_SECONDS)


def _seconds(job: dict[str, Any]) -> float | None:
    """Return the time from the last start of the job to its end."""
    times = {stamp["status"]: stamp["time"] for stamp in job.get("timestamps", [])}
    if not {JobStatus.RUNNING, JobStatus.SUCCESS} <= times.keys():
        return None
    started, ended = (
        datetime.fromisoformat(times[status]) for status in (JobStatus.RUNNING, JobStatus.SUCCESS)
    )
    return (ended - started).total_seconds()


def _last_words(client: GirderClient, job_id: str) -> str:
    lines = "".join(client.get(f"job/{job_id}").get("log") or []).strip().splitlines()
    return lines[-1] if lines else "its job says nothing."
