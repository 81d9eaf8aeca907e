"""Upload, recognise, convert, serve, delete: over real sockets, in real processes."""

import numpy as np
import pytest
import redis
import requests
import tifffile

from tests.e2e.items import fetch, job_of, pixels, psnr, upload, wait_for_job
from tests.e2e.slides import real_slide, write_photo, write_slide

SUCCESS = 3


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    return path, write_photo(path)


@pytest.fixture
def slide(admin, folder, tmp_path):
    """A slide on the server: its item and its pixels."""
    content = write_slide(tmp_path / "slide.svs")
    return upload(admin, folder, tmp_path / "slide.svs"), content


def test_a_slide_is_an_image_at_once(admin, slide):
    item = admin.getItem(slide[0])
    (file,) = admin.listFile(slide[0])
    assert item["largeImage"] == {"fileId": file["_id"], "sourceName": "tiff"}


def test_metadata_tell_size_and_scale(admin, slide):
    found = fetch(admin, f"item/{slide[0]}/tiles").json()
    assert (found["sizeX"], found["sizeY"], found["tileWidth"]) == (3000, 2000, 256)
    assert (found["magnification"], found["levels"]) == (20, 5)
    assert found["mm_x"] == pytest.approx(0.000499)


def test_tiles_show_the_slide(admin, slide):
    item, content = slide
    tile = pixels(fetch(admin, f"item/{item}/tiles/zxy/4/3/2"))
    assert psnr(tile, content[512:768, 768:1024]) >= 38
    assert fetch(admin, f"item/{item}/tiles/fzxy/0/4/3/2").status_code == 200


def test_a_region_shows_the_slide(admin, slide):
    item, content = slide
    box = {"left": 300, "top": 200, "regionWidth": 500, "regionHeight": 400, "encoding": "PNG"}
    region = pixels(fetch(admin, f"item/{item}/tiles/region", **box))
    assert psnr(region[..., :3], content[200:600, 300:800]) >= 38


def test_a_region_is_a_tiled_file_on_request(admin, slide, tmp_path):
    item, content = slide
    box = {"left": 300, "top": 200, "regionWidth": 900, "regionHeight": 400, "encoding": "TILED"}
    answer = fetch(admin, f"item/{item}/tiles/region", **box)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/tiff")
    (tmp_path / "region.tiff").write_bytes(answer.content)
    with tifffile.TiffFile(tmp_path / "region.tiff") as tiff:
        assert tiff.pages[0].is_tiled
        assert psnr(tiff.pages[0].asarray(), content[200:600, 300:1200]) >= 38


def test_a_thumbnail_is_small(admin, slide):
    thumbnail = pixels(fetch(admin, f"item/{slide[0]}/tiles/thumbnail", width=150, height=150))
    assert thumbnail.shape == (100, 150, 3)


def test_label_and_macro_are_shown(admin, slide):
    path = f"item/{slide[0]}/tiles/images"
    assert {"label", "macro"} <= set(fetch(admin, path).json())
    assert pixels(fetch(admin, f"{path}/label")).shape == (120, 150, 3)
    assert fetch(admin, f"{path}/no%20such%3F").status_code == 404


def test_a_scanners_own_slide_is_served(admin, folder, tmp_path):
    path, facts = real_slide(tmp_path)
    item = upload(admin, folder, path)
    found = fetch(admin, f"item/{item}/tiles").json()
    assert facts.items() <= found.items()
    assert pixels(fetch(admin, f"item/{item}/tiles/zxy/0/0/0")).std() > 5


def test_a_large_png_is_converted_without_loss(admin, folder, photo):
    path, content = photo
    item = upload(admin, folder, path)
    waiting = admin.getItem(item)["largeImage"]
    assert waiting["expected"] is True
    answer = fetch(admin, f"item/{item}/tiles")
    assert (answer.status_code, "converted" in answer.text) == (400, True)
    job = wait_for_job(admin, waiting["jobId"])
    assert (job["status"], job["progress"]["current"]) == (SUCCESS, 100)
    assert job["title"] == "Convert photo.png to a tiled pyramid"
    image = admin.getItem(item)["largeImage"]
    assert image["fileId"] != image["originalId"] == waiting["originalId"]
    assert {file["name"] for file in admin.listFile(item)} == {"photo.png", "photo.tiff"}
    box = {"left": 5000, "top": 4000, "regionWidth": 900, "regionHeight": 700, "encoding": "PNG"}
    region = pixels(fetch(admin, f"item/{item}/tiles/region", **box))
    assert np.array_equal(region[..., :3], content[4000:4700, 5000:5900])


def test_a_large_jpeg_is_converted_with_little_loss(admin, folder, tmp_path):
    content = write_photo(tmp_path / "photo.jpg", 6000, 5000)
    item = upload(admin, folder, tmp_path / "photo.jpg")
    assert wait_for_job(admin, job_of(admin, item)["_id"])["status"] == SUCCESS
    box = {"left": 2000, "top": 1000, "regionWidth": 800, "regionHeight": 800, "encoding": "PNG"}
    region = pixels(fetch(admin, f"item/{item}/tiles/region", **box))
    assert psnr(region[..., :3], content[1000:1800, 2000:2800]) >= 38


def test_deep_zoom_tiles_show_the_slide(admin, slide):
    item, content = slide
    descriptor = fetch(admin, f"item/{item}/tiles/dzi.dzi", tilesize=256, overlap=1)
    assert 'Width="3000" Height="2000"' in descriptor.text
    grid = {"tilesize": 256, "overlap": 1}
    tile = pixels(fetch(admin, f"item/{item}/tiles/dzi_files/12/3_2.jpg", **grid))
    assert psnr(tile, content[511:769, 767:1025]) >= 38
    png = fetch(admin, f"item/{item}/tiles/dzi_files/12/3_2.png", **grid)
    assert png.headers["Content-Type"] == "image/png"


def test_a_deleted_item_leaves_no_tiles(admin, slide, stack):
    item, _ = slide
    file_id = admin.getItem(item)["largeImage"]["fileId"]
    assert fetch(admin, f"item/{item}/tiles/thumbnail").status_code == 200
    cache = redis.Redis.from_url(stack.redis_url)
    assert list(cache.scan_iter(f"*{file_id}*", count=1000))
    admin.delete(f"item/{item}")
    assert not list(cache.scan_iter(f"*{file_id}*", count=1000))
    cache.close()
    for path in ("", "/thumbnail", "/zxy/0/0/0"):
        assert fetch(admin, f"item/{item}/tiles{path}").status_code == 404


def test_the_browser_need_not_fetch_twice(admin, slide):
    path = f"{admin.urlBase}item/{slide[0]}/tiles/zxy/0/0/0"
    first = fetch(admin, f"item/{slide[0]}/tiles/zxy/0/0/0")
    headers = {"Girder-Token": admin.token, "If-None-Match": first.headers["ETag"]}
    again = requests.get(path, headers=headers, timeout=60)
    assert (again.status_code, again.content) == (304, b"")
    assert "private" in first.headers["Cache-Control"]


def test_all_is_there_after_a_restart(own_stack, tmp_path):
    content = write_slide(tmp_path / "slide.svs")
    client = own_stack.site.client()
    item = upload(client, {"_id": own_stack.site.folder_id}, tmp_path / "slide.svs")
    path = f"item/{item}/tiles/zxy/4/3/2"
    before = fetch(client, path).content
    own_stack.stop()
    own_stack.start()
    client = own_stack.site.client()
    assert fetch(client, path).content == before
    assert psnr(pixels(fetch(client, path)), content[512:768, 768:1024]) >= 38


def test_tiles_are_served_without_redis(own_stack, tmp_path):
    write_slide(tmp_path / "slide.svs")
    client = own_stack.site.client()
    item = upload(client, {"_id": own_stack.site.folder_id}, tmp_path / "slide.svs")
    own_stack.services["redis"].kill()
    assert pixels(fetch(client, f"item/{item}/tiles/zxy/0/0/0")).shape == (256, 256, 3)
    assert pixels(fetch(client, f"item/{item}/tiles/thumbnail")).shape[1] == 256
