"""Who may do what, on every route."""

import pytest
import requests
from girder_client import GirderClient

from tests.e2e.items import fetch

READING = (
    "", "/zxy/0/0/0", "/fzxy/0/0/0/0", "/region", "/thumbnail", "/images", "/images/label",
    "/dzi.dzi", "/dzi_files/0/0_0.jpg",
)  # fmt: skip
WRITING = ("POST", "DELETE")
UNKNOWN, MALFORMED = "0" * 24, "no-such-id"


@pytest.fixture
def anonymous(stack):
    return GirderClient(apiUrl=stack.api_url)


def status(client, method, item):
    headers = {"Girder-Token": client.token} if client.token else {}
    url = f"{client.urlBase}item/{item}/tiles"
    return requests.request(method, url, headers=headers, timeout=60).status_code


@pytest.mark.parametrize("path", READING)
def test_who_may_not_read_sees_nothing(admin, second_user, anonymous, slide, path):
    route = f"item/{slide}/tiles{path}"
    assert fetch(admin, route).status_code == 200  # and it is in the cache now
    assert fetch(second_user, route).status_code == 403
    assert fetch(anonymous, route).status_code == 401


@pytest.mark.parametrize("method", WRITING)
def test_who_may_not_write_changes_nothing(admin, second_user, anonymous, slide, method):
    before = admin.getItem(slide)["largeImage"]
    assert status(second_user, method, slide) == 403
    assert status(anonymous, method, slide) == 401
    assert admin.getItem(slide)["largeImage"] == before


@pytest.mark.parametrize("path", READING)
@pytest.mark.parametrize(("item", "expected"), [(UNKNOWN, 404), (MALFORMED, 400)])
def test_an_item_that_is_not_there(admin, path, item, expected):
    assert fetch(admin, f"item/{item}/tiles{path}").status_code == expected


@pytest.mark.parametrize("method", WRITING)
def test_an_item_that_is_not_there_cannot_be_changed(admin, method):
    assert status(admin, method, UNKNOWN) == 404
    assert status(admin, method, MALFORMED) == 400


def test_an_image_element_is_served_by_its_cookie(admin, slide):
    url = f"{admin.urlBase}item/{slide}/tiles/zxy/0/0/0"
    answer = requests.get(url, cookies={"girderToken": admin.token}, timeout=60)
    assert answer.status_code == 200


def test_a_file_of_another_item_cannot_be_named(admin, slide, folder, tmp_path):
    (tmp_path / "a.txt").write_text("a")
    other = admin.uploadFileToFolder(folder["_id"], str(tmp_path / "a.txt"))["itemId"]
    file_id = next(iter(admin.listFile(slide)))["_id"]
    url = f"{admin.urlBase}item/{other}/tiles"
    headers = {"Girder-Token": admin.token}
    answer = requests.post(url, params={"fileId": file_id}, headers=headers, timeout=60)
    assert (answer.status_code, "fileId" in answer.text) == (400, True)
