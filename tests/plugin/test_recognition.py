"""What becomes the image of an item, and when it no longer is."""

import io
import json
import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import redis
import requests
import tifffile
from girder_client import GirderClient
from PIL import Image

from tests.e2e.items import fetch, job_of, upload, wait_for_job, wait_until
from tests.e2e.slides import write_photo, write_slide

NEW_USER = {
    "email": "gone@localhost.localdomain", "firstName": "Gone", "lastName": "User",
    "password": "password3",
}  # fmt: skip


def image_of(client, item):
    return client.getItem(item).get("largeImage")


def files_of(client, item):
    return {file["name"]: file["_id"] for file in client.listFile(item)}


def write_small(path, colour="red"):
    Image.new("RGB", (40, 30), colour).save(path)
    return path


def test_a_second_file_does_not_replace_the_image(admin, slide, tmp_path):
    before = image_of(admin, slide)
    admin.uploadFileToItem(slide, str(write_small(tmp_path / "other.png")))
    assert image_of(admin, slide) == before


def test_an_image_beside_a_text_is_found(admin, folder, tmp_path):
    (tmp_path / "notes.txt").write_text("notes")
    item = upload(admin, folder, tmp_path / "notes.txt")
    admin.uploadFileToItem(item, str(write_small(tmp_path / "picture.png")))
    assert image_of(admin, item)["fileId"] == files_of(admin, item)["picture.png"]


def test_new_content_is_another_image(admin, folder, tmp_path):
    item = upload(admin, folder, write_small(tmp_path / "a.png", "red"))
    before = fetch(admin, f"item/{item}/tiles/thumbnail", encoding="PNG")
    path = write_small(tmp_path / "b.png", "blue")
    with path.open("rb") as stream:
        file_id = image_of(admin, item)["fileId"]
        admin.uploadFileContents(file_id, stream, path.stat().st_size)
    after = fetch(admin, f"item/{item}/tiles/thumbnail", encoding="PNG")
    assert image_of(admin, item)["fileId"] == file_id
    assert after.status_code == 200
    assert before.content != after.content
    assert before.headers["ETag"] != after.headers["ETag"]


def test_content_that_is_no_image_takes_the_image_away(admin, slide):
    text = b"not a picture"
    admin.uploadFileContents(image_of(admin, slide)["fileId"], io.BytesIO(text), len(text))
    assert image_of(admin, slide) is None


def test_without_its_file_an_item_has_no_image(admin, slide):
    admin.delete(f"file/{image_of(admin, slide)['fileId']}")
    assert image_of(admin, slide) is None


def test_the_image_is_taken_away_and_made_again(admin, slide):
    before = image_of(admin, slide)
    assert admin.delete(f"item/{slide}/tiles") == {"deleted": True}
    assert admin.delete(f"item/{slide}/tiles") == {"deleted": False}
    assert list(files_of(admin, slide)) == ["slide.svs"]
    assert admin.post(f"item/{slide}/tiles") is None
    assert image_of(admin, slide) == before
    assert post(admin, slide).status_code == 400


def post(client, item, **parameters):
    headers = {"Girder-Token": client.token}
    url = f"{client.urlBase}item/{item}/tiles"
    return requests.post(url, params=parameters, headers=headers, timeout=60)


@pytest.mark.parametrize("local", ["false", "true"])
def test_a_forced_conversion_adds_a_file_that_goes_with_the_image(admin, slide, local):
    admin.delete(f"item/{slide}/tiles")
    wanted = {"force": "true", "compression": "lzw", "localJob": local}
    job = admin.post(f"item/{slide}/tiles", parameters=wanted)
    assert wait_for_job(admin, job["_id"])["status"] == 3
    assert set(files_of(admin, slide)) == {"slide.svs", "slide.tiff"}
    admin.delete(f"item/{slide}/tiles")
    assert set(files_of(admin, slide)) == {"slide.svs"}


def test_of_many_requests_at_once_one_starts_a_job(admin, folder, tmp_path):
    name = f"{uuid.uuid4().hex}.svs"
    write_slide(tmp_path / name, 700, 500)
    item = upload(admin, folder, tmp_path / name)
    admin.delete(f"item/{item}/tiles")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(admin, item, force="true"), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + 7 * [400]
    (job,) = (job for job in admin.get("job") if name in job["title"])
    assert wait_for_job(admin, job["_id"])["status"] == 3


@pytest.mark.parametrize(
    "parameters",
    [{"compression": "magic"}, {"tileSize": 100}, {"quality": 101}, {"fileId": "x"}],
)
def test_a_conversion_that_cannot_be(admin, slide, parameters):
    admin.delete(f"item/{slide}/tiles")
    answer = post(admin, slide, force="true", **parameters)
    assert answer.status_code == 400, answer.text
    assert image_of(admin, slide) is None


def test_a_text_is_refused_with_a_sentence(admin, folder, tmp_path):
    (tmp_path / "a.tif").write_text("text")
    answer = post(admin, upload(admin, folder, tmp_path / "a.tif"))
    message = answer.json()["message"]
    assert answer.status_code == 400
    assert message.startswith("a.tif is not an image that can be read here: it is not a TIFF; it ")
    assert message.count("a.tif") == 2  # again where a zip file is looked for in it
    assert not re.search("[0-9a-f]{64}", message)


def test_a_copy_has_an_image_of_its_own(admin, slide):
    copy = admin.post(f"item/{slide}/copy")["_id"]
    assert image_of(admin, copy)["fileId"] == files_of(admin, copy)["slide.svs"]
    admin.delete(f"item/{slide}")
    assert fetch(admin, f"item/{copy}/tiles/zxy/0/0/0").status_code == 200


def test_a_copy_of_what_is_converted_is_converted_itself(admin, folder, tmp_path):
    write_photo(tmp_path / "photo.png", 9000, 7000)
    item = upload(admin, folder, tmp_path / "photo.png")
    answer = admin.post(f"item/{item}/copy")
    copy, image = answer["_id"], image_of(admin, answer["_id"])
    assert answer["largeImage"] == image
    assert image["originalId"] == files_of(admin, copy)["photo.png"]
    assert image["jobId"] != image_of(admin, item)["jobId"]
    for each in (item, copy):
        wait_for_job(admin, image_of(admin, each)["jobId"])
        converted = image_of(admin, each)
        assert converted["fileId"] == files_of(admin, each)["photo.tiff"]
    converted_copy = admin.post(f"item/{item}/copy")["_id"]
    image, files = image_of(admin, converted_copy), files_of(admin, converted_copy)
    assert (image["fileId"], image["originalId"]) == (files["photo.tiff"], files["photo.png"])


def test_all_frames_are_converted(admin, folder, tmp_path):
    path = tmp_path / "frames.tif"
    tifffile.imwrite(path, np.zeros((2, 30, 4200), np.uint8), photometric="minisblack")
    item = upload(admin, folder, path)
    assert wait_for_job(admin, job_of(admin, item)["_id"])["status"] == 3
    assert image_of(admin, item)["fileId"] == files_of(admin, item)["frames.tiff"]
    assert len(fetch(admin, f"item/{item}/tiles").json()["frames"]) == 2


def test_nothing_waits_for_a_user_who_is_gone(admin, folder, tmp_path):
    user = admin.post("user", data={**NEW_USER, "login": f"gone-{uuid.uuid4().hex[:12]}"})
    access = json.dumps({"users": [{"id": user["_id"], "level": 1}]})
    admin.put(f"folder/{folder['_id']}/access", parameters={"access": access})
    client = GirderClient(apiUrl=admin.urlBase)
    client.authenticate(user["login"], NEW_USER["password"])
    write_photo(tmp_path / "photo.png", 9000, 7000)
    item = upload(client, folder, tmp_path / "photo.png")
    assert image_of(admin, item)["expected"] is True
    admin.delete(f"user/{user['_id']}")
    assert image_of(admin, item) is None


def test_a_forged_result_is_not_attached(admin, second_user, folder, tmp_path):
    write_photo(tmp_path / "photo.png", 9000, 7000)
    admin.put(
        f"folder/{folder['_id']}/access",
        parameters={"access": json.dumps({"users": [{"id": second_id(second_user), "level": 1}]})},
    )
    item = upload(admin, folder, tmp_path / "photo.png")
    job_id = image_of(admin, item)["jobId"]
    path = write_small(tmp_path / "forged.png")
    with path.open("rb") as stream:
        forged = second_user.uploadFile(
            item, stream, path.name, path.stat().st_size,
            reference=json.dumps({"girder_tiles": {"jobId": job_id}}),
        )  # fmt: skip
    assert (image_of(admin, item) or {}).get("fileId") != forged["_id"]
    wait_for_job(admin, job_id)
    assert image_of(admin, item)["fileId"] != forged["_id"]


def second_id(client):
    return client.get("user/me")["_id"]


def test_a_deleted_job_is_not_waited_for(admin, folder, tmp_path):
    write_photo(tmp_path / "photo.png", 9000, 7000)
    item = upload(admin, folder, tmp_path / "photo.png")
    admin.delete(f"job/{job_of(admin, item)['_id']}")
    assert image_of(admin, item) is None


def test_an_imported_file_is_recognised(admin, folder, tmp_path):
    (tmp_path / "import").mkdir()
    write_slide(tmp_path / "import" / "imported.svs", 700, 500)
    store = admin.get("assetstore")[0]["_id"]
    admin.post(
        f"assetstore/{store}/import",
        parameters={
            "importPath": str(tmp_path / "import"),
            "destinationId": folder["_id"],
            "destinationType": "folder",
        },
    )
    item = wait_until(
        lambda: next(admin.listItem(folder["_id"], name="imported.svs"), None), "the import", 60
    )
    wait_until(lambda: image_of(admin, item["_id"]), "the recognition", 60)
    assert fetch(admin, f"item/{item['_id']}/tiles/zxy/0/0/0").status_code == 200


def test_a_folder_that_is_deleted_leaves_nothing_in_the_cache(admin, folder, slide, stack):
    file_id = image_of(admin, slide)["fileId"]
    assert fetch(admin, f"item/{slide}/tiles/thumbnail").status_code == 200
    with redis.Redis.from_url(stack.redis_url) as cache:
        assert list(cache.scan_iter(f"*{file_id}*", count=1000))
        admin.delete(f"folder/{folder['_id']}")
        wait_until(lambda: not list(cache.scan_iter(f"*{file_id}*", count=1000)), "empty", 60)
    assert fetch(admin, f"item/{slide}/tiles/thumbnail").status_code == 404


def test_settings_are_public_and_checked(admin):
    assert fetch(admin, "large_image/settings").json()["large_image.auto_set"] is True
    headers = {"Girder-Token": admin.token}
    parameters = {"key": "large_image.max_small_image_size", "value": "-5"}
    answer = requests.put(
        f"{admin.urlBase}system/setting", params=parameters, headers=headers, timeout=60
    )
    assert answer.status_code == 400
