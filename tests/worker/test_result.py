"""What becomes of a converted file that was uploaded."""

import contextlib

import pytest
import requests
from girder_client import HttpError

from girder_tiles_worker.errors import ConversionFailed, ResultNotWanted
from girder_tiles_worker.result import is_attached, still_wanted, upload


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


def refuse(status):
    raise HttpError(status, "Invalid id", "http://girder/api/v1/file/chunk", "POST")


class Refusing(Girder):
    """One whose item is gone or, with another status, may not be asked for now."""

    def __init__(self, status):
        super().__init__(None)
        self.status = status

    def getItem(self, item_id):
        refuse(self.status)


@pytest.mark.parametrize("girder", [Refusing(400), Refusing(404), Girder(None)])
def test_what_is_refused_since_nobody_waits_is_no_failure(girder):
    with pytest.raises(ResultNotWanted), still_wanted(girder, "item", "job"):
        refuse(400)


@pytest.mark.parametrize("girder", [Refusing(500), Girder({"expected": True, "jobId": "job"})])
def test_what_is_refused_for_another_reason_is_a_failure(girder):
    with pytest.raises(HttpError), still_wanted(girder, "item", "job"):
        refuse(400)


def test_nobody_waits_at_an_item_that_is_gone():
    with pytest.raises(ResultNotWanted):
        is_attached(Refusing(400), "item", "job")
