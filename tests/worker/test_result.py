"""What becomes of a converted file that was uploaded."""

import contextlib

import pytest
import requests

from girder_tiles_worker.errors import ConversionFailed, ResultNotWanted
from girder_tiles_worker.result import upload


class Girder:
    """Stands in for a client of Girder, whose item has an image after the upload."""

    def __init__(self, image):
        self.image, self.deleted = image, []

    @contextlib.contextmanager
    def session(self):
        yield requests.Session()

    def uploadFile(self, *_args, **_options):
        return {"_id": "new"}

    def getItem(self, item_id):
        return {"_id": item_id, "largeImage": self.image}

    def delete(self, path):
        self.deleted.append(path)


@pytest.mark.parametrize(
    ("image", "error"),
    [
        ({"expected": True, "jobId": "job"}, ConversionFailed),  # it still waits: not attached
        ({"expected": True, "jobId": "other"}, ResultNotWanted),
        ({"fileId": "old"}, ResultNotWanted),
        (None, ResultNotWanted),
    ],
)
def test_what_is_not_attached_is_removed(tmp_path, image, error):
    (tmp_path / "pyramid.tiff").write_bytes(b"II")
    girder = Girder(image)
    with pytest.raises(error):
        upload(girder, "item", "job", tmp_path / "pyramid.tiff", "a.tiff")
    assert girder.deleted == ["file/new"]


def test_what_is_attached_stays(tmp_path):
    (tmp_path / "pyramid.tiff").write_bytes(b"II")
    girder = Girder({"fileId": "new", "jobId": "job"})
    upload(girder, "item", "job", tmp_path / "pyramid.tiff", "a.tiff")
    assert girder.deleted == []
