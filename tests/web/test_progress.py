"""The item page follows a conversion, and says why one failed."""

import pytest
from girder_client import GirderClient
from playwright.sync_api import expect

from tests.web.images import cut_off, rainbow
from tests.web.item_page import SECONDS, ItemPage

# Notes each figure that the panel shows, however short.
NOTE_FIGURES = """() => {
  window.figures = new Set();
  new MutationObserver(() => {
    const figure = document.querySelector('.g-tiles-percent')?.textContent;
    if (figure) window.figures.add(figure);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


@pytest.fixture
def open_item(admin: GirderClient, folder: dict, item_page: ItemPage) -> ItemPage:
    """The page of a new item without files."""
    item = admin.createItem(folder["_id"], "an item")
    item_page.log_in()
    item_page.open(item)
    return item_page


def test_the_viewer_follows_upon_the_progress(open_item: ItemPage, tmp_path):
    open_item.page.evaluate(NOTE_FIGURES)
    open_item.add_file(rainbow(tmp_path / "large.png", 9000, 6000))
    bar = open_item.panel.get_by_role("progressbar")
    expect(bar).to_be_visible(timeout=60 * SECONDS)
    expect(open_item.panel.get_by_role("button", name="Cancel")).to_be_visible()
    expect(bar).not_to_be_visible(timeout=120 * SECONDS)
    open_item.wait_until_drawn(9000, 6000)
    assert open_item.page.evaluate("window.figures.size") > 0
    assert open_item.complaints == []


def test_a_failed_conversion_says_why_at_once_and_later(open_item: ItemPage, tmp_path):
    open_item.add_file(cut_off(rainbow(tmp_path / "cut off.png", 6000, 5000)))
    sentence = open_item.panel.get_by_role("alert")
    expect(sentence).to_contain_text("could not be converted: ", timeout=120 * SECONDS)
    expect(open_item.panel.get_by_role("button", name="Try again")).to_be_visible()
    reason = sentence.inner_text()
    open_item.page.reload()
    expect(open_item.panel.get_by_role("alert")).to_have_text(reason)
    assert open_item.complaints == []


def test_a_conversion_can_be_canceled(open_item: ItemPage, tmp_path):
    open_item.add_file(rainbow(tmp_path / "large.png", 12000, 9000))
    open_item.panel.get_by_role("button", name="Cancel").click(timeout=60 * SECONDS)
    sentence = open_item.panel.get_by_role("alert")
    expect(sentence).to_have_text("The conversion was canceled.", timeout=60 * SECONDS)
    assert open_item.complaints == []


def test_a_file_that_is_no_image_is_refused_with_a_sentence(open_item: ItemPage, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("Nothing to see here.")
    open_item.add_file(path)
    open_item.panel.get_by_role("button", name="Make viewable").click()
    expect(open_item.panel.get_by_role("alert")).not_to_be_empty()
    assert [line for line in open_item.complaints if line.startswith("5")] == []
