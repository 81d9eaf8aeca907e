"""The Girder job of a task: what it says, and whether somebody canceled it."""

from __future__ import annotations

import time
from collections.abc import Callable

from girder_worker.utils import JobManager, JobStatus

CHECK_INTERVAL = 0.5  # seconds


class GirderJob:
    """Reports progress to the job and asks it, not too often, whether to go on."""

    def __init__(self, manager: JobManager, clock: Callable[[], float] = time.monotonic) -> None:
        self._manager = manager
        self._clock = clock
        self._canceled = False
        self._next_check = 0.0

    def report(self, fraction: float) -> None:
        """Tell how much of the conversion is done, 0 to 1."""
        percent = round(100 * min(max(fraction, 0), 1), 1)
        self._manager.updateProgress(total=100, current=percent, message="Converting")

    def canceled(self) -> bool:
        """Return whether the job is canceled; a canceled one stays so."""
        now = self._clock()
        if not self._canceled and now >= self._next_check:
            self._next_check = now + CHECK_INTERVAL
            self._canceled = self._is_canceled()
        return self._canceled

    def _is_canceled(self) -> bool:
        try:
            status = self._manager.refreshStatus()
        except KeyError:  # Girder answers with an error: the job was deleted
            return True
        return status in (JobStatus.CANCELING, JobStatus.CANCELED)
