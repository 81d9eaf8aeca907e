"""Items as a client of Girder sees them: upload, wait, fetch, compare."""

import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import requests
from girder_client import GirderClient
from PIL import Image

LIMIT_SECONDS = 180
OVER = (3, 4, 5)  # SUCCESS, ERROR, CANCELED


def wait_until(condition: Callable[[], Any], what: str, limit: float = LIMIT_SECONDS) -> Any:
    """Return what the condition returns once that is true."""
    deadline = time.monotonic() + limit
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what} within {limit} s"
        time.sleep(0.1)
    return found


def upload(client: GirderClient, folder: dict, path: Path) -> str:
    """Upload a file; return the id of its item."""
    if path.stat().st_size == 0:  # girder_client sends nothing then
        parameters = {
            "parentType": "folder",
            "parentId": folder["_id"],
            "name": path.name,
            "size": 0,
        }
        return client.post("file", parameters=parameters)["itemId"]
    return client.uploadFileToFolder(folder["_id"], str(path))["itemId"]


def job_of(client: GirderClient, item_id: str) -> dict:
    """Return the job that the item waits for."""
    return client.get(f"job/{client.getItem(item_id)['largeImage']['jobId']}")


def wait_for_job(client: GirderClient, job_id: str) -> dict:
    """Return the job once it is over."""

    def over() -> dict | None:
        job = client.get(f"job/{job_id}")
        return job if job["status"] in OVER else None

    return wait_until(over, "the job ends")


def fetch(client: GirderClient, path: str, **parameters: Any) -> requests.Response:
    """Return the answer to a GET, whatever its status."""
    return requests.get(
        f"{client.urlBase}{path}",
        params=parameters,
        headers={"Girder-Token": client.token} if client.token else {},
        timeout=60,
    )


def pixels(answer: requests.Response) -> np.ndarray:
    """Return the pixels of the image that was answered."""
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)))


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Return how alike two images are, in dB."""
    error = np.mean((one.astype(float) - other.astype(float)) ** 2)
    return float("inf") if error == 0 else 10 * np.log10(255**2 / error)


def landscape(width: int, height: int) -> np.ndarray:
    """Return a picture with smooth and with sharp places, each of its places different."""
    y, x = np.ogrid[:height, :width]
    red = (x * 255 // width + 0 * y).astype(np.uint8)
    green = (y * 255 // height + 0 * x).astype(np.uint8)
    blue = (((x // 97) % 2) * 60 + ((y // 89) % 2) * 90).astype(np.uint8)
    return np.ascontiguousarray(np.dstack([red, green, np.broadcast_to(blue, red.shape)]))
