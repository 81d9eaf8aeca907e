"""The job as a task sees it."""

import pytest

from girder_tiles_worker.job import GirderJob


class Manager:
    """Stands in for girder_worker's job manager."""

    def __init__(self, *statuses):
        self.statuses = list(statuses)
        self.progress = None

    def refreshStatus(self):
        status = self.statuses.pop(0)
        if status is None:
            raise KeyError("status")
        return status

    def updateProgress(self, total, current, message):
        self.progress = (current, total)


@pytest.mark.parametrize("status", [824, 5, None])
def test_a_canceled_or_deleted_job_ends(status):
    assert GirderJob(Manager(status)).canceled()


def test_girder_is_not_asked_too_often():
    times = iter([0.0, 0.1, 0.6])
    job = GirderJob(Manager(2, 824), clock=lambda: next(times))
    assert [job.canceled() for _ in range(3)] == [False, False, True]


@pytest.mark.parametrize(("share", "percent"), [(0, 0), (0.123456, 12.3), (1, 100), (1.2, 100)])
def test_progress_is_told_in_percent(share, percent):
    manager = Manager()
    GirderJob(manager).report(share)
    assert manager.progress == (percent, 100)
