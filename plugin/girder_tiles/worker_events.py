"""Bind model events wherever Girder runs.

Imports, folder copies and folder deletions happen in Celery workers of the queue `local`, where
no plugin is loaded; but every process that imports `girder_worker.app` makes this plugin,
the web server included, so that it is the one place to bind them.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from typing import Any

from girder import events
from girder_worker import GirderWorkerPluginABC

logger = logging.getLogger(__name__)

HANDLERS = {
    "model.file.finalizeUpload.after": "on_upload",
    "model.file.save.created": "on_file_created",
    "model.file.remove": "on_file_removed",
    "model.item.copy.after": "on_item_copied",
    "jobs.job.update.after": "on_job_updated",
    "model.job.remove": "on_job_removed",
    "model.user.remove": "on_user_removed",
}
"""Functions of `girder_tiles.handlers` by event."""


class TilesEventsPlugin(GirderWorkerPluginABC):
    """Binds our handlers; brings no tasks."""

    def __init__(self, app: Any, *args: Any, **kwargs: Any) -> None:
        self.app = app
        for event, handler in HANDLERS.items():
            events.unbind(event, "girder_tiles")  # plugins are made anew each time they are listed
            events.bind(event, "girder_tiles", guarded(handler))

    def task_imports(self) -> list[str]:
        """Return the modules with Celery tasks: none."""
        return []


def guarded(name: str) -> Callable[[events.Event], None]:
    """Return a handler whose failure is logged: no upload or deletion fails of it.

    It is imported on the first event, as it needs the Celery app, which imports this module.
    """

    def run(event: events.Event) -> None:
        try:
            getattr(importlib.import_module("girder_tiles.handlers"), name)(event)
        except Exception:  # the outermost place: Girder would fail the request
            logger.exception("%s failed on %s", name, event.name)

    return run
