"""A task outlives a restart of Girder: what it says is said again until it is heard."""

from __future__ import annotations

from typing import Any

from girder_worker.utils import JobManager
from requests import Session
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

_initialise = JobManager.__init__


def keep_trying(session: Session, *, repeatable: bool) -> None:
    """Let a session wait for Girder; what is repeatable is sent again even if it has arrived."""
    retry = Retry(
        total=None,
        connect=30,
        read=3 if repeatable else 0,
        backoff_factor=0.2,
        backoff_max=10,
        allowed_methods=None,
    )
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))


def _initialise_to_keep_trying(self: JobManager, *args: Any, **kwargs: Any) -> None:
    _initialise(self, *args, **kwargs)
    keep_trying(self._session, repeatable=True)


def install() -> None:
    """Let all job managers wait for Girder: girder_worker makes them before a task can."""
    JobManager.__init__ = _initialise_to_keep_trying
