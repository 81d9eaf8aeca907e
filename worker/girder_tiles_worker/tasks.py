"""The task that converts a file of an item to a tiled pyramid."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from girder_client import GirderClient, HttpError
from girder_worker.app import app

from girder_tiles_worker import attempts, girder_outage, result
from girder_tiles_worker.errors import ConversionFailed, ResultNotWanted
from girder_tiles_worker.job import GirderJob
from girder_tiles_worker.original import Original, fetch
from girder_tiles_worker.settings import worker_settings
from girder_tiles_worker.workspace import clean_up, workspace
from tilesource.config import setConfig
from tilesource.conversion import ConversionOptions
from tilesource.conversion import convert as convert_image
from tilesource.errors import ConversionCanceled, TileGeneralError

girder_outage.install()
# As in the plugin: a file that somebody uploaded names no other files to be read.
setConfig("allow_other_files", False)


@app.task(bind=True, acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def convert(
    self: Any,
    item_id: str,
    job_id: str,
    file_id: str,
    name: str,
    size: int,
    path: str | None,
    options: dict[str, Any],
) -> None:
    """Convert the file and attach the result to the item; print is what the job's log says."""
    original = Original(file_id=file_id, name=name, size=size, path=path)
    with explained(name):
        clean_up(worker_settings().temporary, self.request.id)  # there may be nothing more to do
        if self.girder_client is None:  # delivered again after it was done
            return
        job = GirderJob(self.job_manager)
        print(f"Attempt {attempts.count(self.backend, self.request.id)} on {name}.")
        if job.canceled() or result.is_attached(self.girder_client, item_id, job_id):
            return
        _convert(self, original, item_id, job_id, job, ConversionOptions(**options))


def _convert(
    task: Any, original: Original, item_id: str, job_id: str, job: GirderJob, options: Any
) -> None:
    girder: GirderClient = task.girder_client
    parent, task_id = worker_settings().temporary, task.request.id
    with workspace(parent, task_id) as folder, result.still_wanted(girder, item_id, job_id):
        source = fetch(original, girder, folder)
        target = folder / "pyramid.tiff"
        convert_image(source, target, options, progress=job.report, canceled=job.canceled)
        if not job.canceled():
            result.upload(girder, item_id, job_id, target, original.result_name)
            task.job_manager.updateProgress(total=100, current=100, message="Done")
            print("Done.")


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Say in the job's log, in a sentence, why a conversion ends early."""
    try:
        yield
    except ConversionCanceled:
        print("Canceled.")
    except ResultNotWanted as exc:  # whoever took the image away cancels the job, too
        print(f"{name} was not converted: {exc}")
    except (ConversionFailed, TileGeneralError) as exc:
        print(f"{name} was not converted: {exc}")
        raise
    except HttpError as exc:
        print(f"{name} was not converted: Girder answered {exc.status} to {exc.method} {exc.url}.")
        raise
    except OSError as exc:
        print(f"{name} was not converted: {exc.strerror or exc}.")
        raise
