"""The item page shows an image that is ready."""

import re
import uuid
from pathlib import Path

import pytest
from girder_client import GirderClient
from playwright.sync_api import expect

from tests.web.images import rainbow, three_frames
from tests.web.item_page import SECONDS, ItemPage

CHOOSE_TWICE = """(slider) => {
  for (const frame of [1, 2]) {
    slider.value = frame;
    slider.dispatchEvent(new Event('change'));
  }
}"""


@pytest.fixture
def public_folder(admin: GirderClient) -> dict:
    """A new folder that everybody may read."""
    collection = admin.createCollection(f"public {uuid.uuid4().hex}", public=True)
    return admin.createFolder(collection["_id"], "files", parentType="collection", public=True)


def upload(admin: GirderClient, folder: dict, path: Path) -> dict:
    """Upload a file; return its item."""
    file = admin.uploadFileToFolder(folder["_id"], str(path))
    return admin.getItem(file["itemId"])


def is_rainbow(canvas: dict) -> bool:
    """Return whether the middle of the canvas is the middle of the rainbow."""
    red, green, blue = canvas["middle"]
    return abs(red - 127) < 8 and abs(green - 127) < 8 and 88 <= blue <= 168


def test_anybody_sees_a_public_image(admin, public_folder, item_page: ItemPage, tmp_path):
    item = upload(admin, public_folder, rainbow(tmp_path / "public.png", 1600, 1200))
    item_page.open(item)
    assert is_rainbow(item_page.wait_until_drawn(1600, 1200))
    assert item_page.complaints == []


def test_a_private_image_is_seen_by_its_owner(admin, folder, item_page: ItemPage, tmp_path):
    item = upload(admin, folder, rainbow(tmp_path / "private.png", 1600, 1200))
    item_page.log_in()
    item_page.open(item)
    assert is_rainbow(item_page.wait_until_drawn(1600, 1200))
    expect(item_page.panel).to_contain_text(re.compile("1,600 . 1,200 pixels"))
    assert item_page.complaints == []


def test_the_image_can_be_zoomed_by_buttons_and_keys(
    admin, public_folder, item_page: ItemPage, tmp_path
):
    item = upload(admin, public_folder, rainbow(tmp_path / "zoom.png", 3000, 2000))
    item_page.open(item)
    whole = item_page.wait_until_drawn(3000, 2000)["drawn"]
    assert whole < 0.9
    with item_page.page.expect_request(lambda request: "/tiles/zxy/4/" in request.url):
        item_page.panel.get_by_role("button", name="Zoom in").click(click_count=4)
    item_page.wait_until_filled(1)
    item_page.panel.get_by_role("application").first.press("0")
    item_page.wait_until_filled(whole)
    assert item_page.complaints == []


def test_each_frame_can_be_chosen(admin, public_folder, item_page: ItemPage, tmp_path):
    item = upload(admin, public_folder, three_frames(tmp_path / "frames.ome.tif"))
    item_page.open(item)
    slider = item_page.panel.get_by_role("slider", name="Frame")
    item_page.wait_until_middle(30)
    slider.press("ArrowRight")
    item_page.wait_until_middle(90)
    expect(item_page.panel).to_contain_text("2 of 3 (FITC)")
    assert item_page.complaints == []


def test_of_frames_chosen_in_quick_succession_the_last_is_shown(
    admin, public_folder, item_page: ItemPage, tmp_path
):
    item = upload(admin, public_folder, three_frames(tmp_path / "frames.ome.tif"))
    item_page.open(item)
    slider = item_page.panel.get_by_role("slider", name="Frame")
    item_page.wait_until_middle(30)
    slider.evaluate(CHOOSE_TWICE)
    item_page.page.wait_for_load_state("networkidle")
    item_page.wait_until_middle(150)


def test_tiles_that_cannot_be_loaded_are_told_of(
    admin, public_folder, item_page: ItemPage, tmp_path
):
    item = upload(admin, public_folder, rainbow(tmp_path / "broken.png", 1600, 1200))
    item_page.page.route("**/tiles/zxy/**", lambda route: route.fulfill(status=403))
    item_page.open(item)
    sentence = item_page.panel.get_by_role("alert")
    expect(sentence).to_contain_text("could not be loaded", timeout=20 * SECONDS)


def test_leaving_the_page_takes_the_viewer_away(
    admin, public_folder, item_page: ItemPage, tmp_path
):
    item = upload(admin, public_folder, rainbow(tmp_path / "leave.png", 1600, 1200))
    item_page.open(item)
    item_page.wait_until_drawn(1600, 1200)
    item_page.page.goto(item_page.page.url.split("#")[0] + "#collections")
    expect(item_page.page.locator(".openseadragon-container")).to_have_count(0)
    assert item_page.complaints == []
