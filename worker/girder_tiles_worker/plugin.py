"""What girder_worker loads: the task modules, and how messages are delivered."""

from __future__ import annotations

from typing import Any

from girder_worker import GirderWorkerPluginABC

from girder_tiles_worker import lost_workers, revocation
from girder_tiles_worker.settings import worker_settings


class TilesWorkerPlugin(GirderWorkerPluginABC):
    """Brings our tasks, and lets no work be lost with a worker."""

    def __init__(self, app: Any, *args: Any, **kwargs: Any) -> None:
        self.app = app
        settings = worker_settings()
        app.conf.worker_prefetch_multiplier = 1  # a task takes long: leave the rest to others
        app.conf.broker_transport_options = {
            "visibility_timeout": settings.visibility_timeout,
            "unacked_restore_interval": settings.check_interval,
            "unacked_restore_throttle": 1,
            # One that is killed while it looks would keep all others from it for 5 minutes.
            "unacked_mutex_expire": settings.visibility_timeout,
        }
        lost_workers.connect()
        revocation.connect()

    def task_imports(self) -> list[str]:
        """Return the modules with Celery tasks."""
        return ["girder_tiles_worker.tasks"]
