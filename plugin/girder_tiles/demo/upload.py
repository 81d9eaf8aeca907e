"""Get the image into Girder and see what the plugin makes of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from girder_client import GirderClient, HttpError

from girder_tiles.demo.errors import DemoError


@dataclass(frozen=True, kw_only=True)
class Uploaded:
    """An item with the image."""

    item_id: str
    is_new: bool
    job_id: str | None
    source_name: str | None

    @property
    def recognised_as(self) -> str:
        """What the plugin made of the file, in words."""
        if self.source_name is not None and self.job_id is None:
            return f"image, served as it is (source `{self.source_name}`)"
        return "image to convert"


def upload(client: GirderClient, folder_id: str, path: Path) -> Uploaded:
    """Return the item with the image, which may be there from an earlier start."""
    item_id = _find(client, folder_id, path)
    if item_id is not None:
        return _look_at(client, item_id, is_new=False)
    file = client.uploadFileToFolder(folder_id, str(path))
    uploaded = _look_at(client, file["itemId"], is_new=True)
    if uploaded.source_name is None and uploaded.job_id is None:
        raise DemoError(f"{path} was uploaded, but it is not an image that can be read.")
    return uploaded


def _find(client: GirderClient, folder_id: str, path: Path) -> str | None:
    """Return an item that has the file as an image, or is to have it."""
    for item in client.listItem(folder_id, name=path.name):
        sizes = {file["size"] for file in client.listFile(item["_id"])}
        if _image(client, item["_id"]) and path.stat().st_size in sizes:
            return str(item["_id"])
    return None


def _look_at(client: GirderClient, item_id: str, *, is_new: bool) -> Uploaded:
    image = _image(client, item_id)
    return Uploaded(
        item_id=item_id,
        is_new=is_new,
        job_id=image.get("jobId"),
        source_name=image.get("sourceName"),
    )


def _image(client: GirderClient, item_id: str) -> dict[str, Any]:
    return client.getItem(item_id).get("largeImage") or {}


def source_name(client: GirderClient, item_id: str) -> str:
    """Return the name of the source that serves the item."""
    try:
        return str(_image(client, item_id)["sourceName"])
    except (KeyError, HttpError) as exc:
        raise DemoError(f"Item {item_id} has no image after its conversion.") from exc
