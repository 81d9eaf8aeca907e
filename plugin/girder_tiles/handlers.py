"""What happens to images when files, items and jobs change."""

from __future__ import annotations

from girder.events import Event
from girder.models.item import Item
from girder.models.user import User
from girder_plugin_worker.status import CustomJobStatus

from girder_tiles import conversion_jobs, copies, images, recognition, results
from girder_tiles.conversion_jobs import JOB_TYPE, OVER
from girder_tiles.files import Document
from girder_tiles.image_cache import image_cache

NO_RESULT_COMES = (*OVER, CustomJobStatus.CANCELING)


def on_upload(event: Event) -> None:
    """Recognise a complete upload, or attach it if it is the result of a conversion."""
    file, upload = event.info["file"], event.info["upload"]
    if "fileId" in upload:
        on_content_replaced(file)
    item = _item_of(file)
    reference = results.Reference.parse(upload.get("reference"))
    if item and reference:
        results.attach_result(item, file, reference)
    elif item:
        recognition.recognise(item, file, User().load(upload["userId"], force=True))


def on_content_replaced(file: Document) -> None:
    """Take the image from an item whose file has other content now, and what was made of it."""
    image_cache().forget(str(file["_id"]))
    item = images.naming(file)
    if item and item["largeImage"].get("fileId") == file["_id"]:
        recognition.detach(item)
    elif item:
        recognition.discard(item)


def on_file_created(event: Event) -> None:
    """Recognise an imported file, for which there is no upload."""
    file = event.info
    item = _item_of(file) if file.get("imported") else None
    if item:
        recognition.recognise(item, file, recognition.uploader(file))


def on_file_removed(event: Event) -> None:
    """Take the image from an item that loses its file; a file made from it stays."""
    image_cache().forget(str(event.info["_id"]))
    item = images.naming(event.info)
    if item:
        recognition.detach(item)


def on_item_copied(event: Event) -> None:
    """Let the copy of an item name its own files."""
    if event.info.get("largeImage"):
        copies.repair(event.info)


def on_job_updated(event: Event) -> None:
    """Let no item wait for a job that is over: a success has attached its result before."""
    job = event.info["job"]
    if job.get("type") == JOB_TYPE and job["status"] in NO_RESULT_COMES:
        images.stop_expecting(job["_id"])


def on_job_removed(event: Event) -> None:
    """Let no item wait for a job that was deleted."""
    if event.info.get("type") == JOB_TYPE:
        images.stop_expecting(event.info["_id"])


def on_user_removed(event: Event) -> None:
    """Cancel what is converted for a user who goes: nobody could be told of its end."""
    for job in conversion_jobs.unfinished_of(event.info):
        conversion_jobs.cancel(job["_id"])


def _item_of(file: Document) -> Document | None:
    return Item().load(file["itemId"], force=True) if file.get("itemId") else None
