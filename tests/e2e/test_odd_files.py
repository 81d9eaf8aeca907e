"""Files that are not quite images: served right or refused clearly, never lost, never a 500."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
import tifffile
from girder_client import HttpError
from PIL import Image

from tests.e2e.items import fetch, landscape, pixels, psnr, upload
from tests.e2e.slides import write_slide

PATHS = (
    "", "/zxy/0/0/0", "/fzxy/0/0/0/0", "/region", "/thumbnail", "/images", "/images/label",
    "/dzi.dzi", "/dzi_files/0/0_0.jpg",
)  # fmt: skip


@pytest.fixture
def uploaded(admin, folder):
    """A function that uploads a file and checks that its bytes come back; returns the item."""

    def store(path):
        item = upload(admin, folder, path)
        (file,) = admin.listFile(item)
        content = fetch(admin, f"file/{file['_id']}/download").content
        assert content == path.read_bytes()
        return item

    return store


def statuses(client, item):
    return {path: fetch(client, f"item/{item}/tiles{path}").status_code for path in PATHS}


def assert_no_image(client, item):
    assert "largeImage" not in client.getItem(item)
    assert set(statuses(client, item).values()) == {400}
    answer = fetch(client, f"item/{item}/tiles/zxy/0/0/0").json()
    assert answer["message"] == "No large image file in this item."


def test_a_text_that_is_called_tif(admin, uploaded, tmp_path):
    path = tmp_path / "a.tif"
    path.write_text("This is not a picture.\n" * 20)
    assert_no_image(admin, uploaded(path))


def test_an_empty_file(admin, uploaded, tmp_path):
    path = tmp_path / "empty.tif"
    path.touch()
    assert_no_image(admin, uploaded(path))


@pytest.mark.parametrize("share", [0.01, 0.5, 0.9, 0.99])
def test_a_truncated_slide(admin, uploaded, tmp_path, share):
    path = tmp_path / "cut.svs"
    write_slide(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    item = uploaded(path)
    found = statuses(admin, item)
    assert set(found.values()) <= {200, 400, 404}, found


def write_complex_numbers(path):
    tifffile.imwrite(path, np.ones((200, 200), np.complex64), tile=(64, 64))


def write_unknown_compression(path):
    tifffile.imwrite(path, landscape(200, 200), compression="zlib")
    with tifffile.TiffFile(path, mode="r+") as tiff:
        tiff.pages[0].tags["Compression"].overwrite(9999, erase=False)


def write_tiles_of_no_width(path):
    tifffile.imwrite(path, landscape(200, 200), tile=(64, 64))
    with tifffile.TiffFile(path, mode="r+") as tiff:
        tiff.pages[0].tags["TileWidth"].overwrite(0, erase=False)


def write_half_a_picture(path):
    Image.fromarray(landscape(400, 300)).save(path, "PNG")
    path.write_bytes(path.read_bytes()[:900])


@pytest.mark.parametrize(
    "write",
    [
        write_complex_numbers, write_unknown_compression, write_tiles_of_no_width,
        write_half_a_picture,
    ],
)  # fmt: skip
def test_a_file_of_which_no_pixel_can_be_read(admin, uploaded, tmp_path, write):
    path = tmp_path / "odd.tif"
    write(path)
    item = uploaded(path)
    assert_no_image(admin, item)
    with pytest.raises(HttpError, match=r"odd\.tif is damaged: "):
        admin.post(f"item/{item}/tiles")


def test_a_file_that_somebody_removed_from_the_disk(admin, uploaded, tmp_path):
    path = tmp_path / "gone.png"
    Image.frombytes("RGB", (30, 20), os.urandom(1800)).save(path)  # no other item has these bytes
    item, stored = uploaded(path), hashlib.sha512(path.read_bytes()).hexdigest()
    Path(admin.get("assetstore")[0]["root"], stored[:2], stored[2:4], stored).unlink()
    assert set(statuses(admin, item).values()) == {404}
    message = fetch(admin, f"item/{item}/tiles/zxy/0/0/0").json()["message"]
    assert message == "The file of this image is missing."


def test_a_single_pixel(admin, uploaded, tmp_path):
    path = tmp_path / "dot.png"
    Image.new("RGB", (1, 1), (200, 100, 50)).save(path)
    item = uploaded(path)
    region = pixels(fetch(admin, f"item/{item}/tiles/region", encoding="PNG"))
    assert region[..., :3].tolist() == [[[200, 100, 50]]]
    found = statuses(admin, item)
    assert found.pop("/images/label") == 404
    assert set(found.values()) == {200}


def test_a_cmyk_jpeg(admin, uploaded, tmp_path):
    path = tmp_path / "print.jpg"
    picture = Image.fromarray(landscape(400, 300))
    picture.convert("CMYK").save(path, quality=95)
    region = pixels(fetch(admin, f"item/{uploaded(path)}/tiles/region", encoding="PNG"))
    assert region.shape == (300, 400, 3)
    # Conversion through CMYK is not exact, but an inverted or four-band picture is far off.
    assert psnr(region, np.asarray(picture)) > 10


def test_a_grey_tiff_of_16_bits(admin, uploaded, tmp_path):
    path = tmp_path / "deep.tif"
    ramp = np.linspace(0, 65535, 300, dtype=np.uint16)
    tifffile.imwrite(path, np.tile(ramp, (200, 1)), photometric="minisblack")
    region = pixels(fetch(admin, f"item/{uploaded(path)}/tiles/region", encoding="PNG"))
    assert region.shape[:2] == (200, 300)
    grey = region.astype(int).reshape(200, 300, -1)[0, :, 0]
    scale = 65535 // grey.max()
    assert np.abs(grey * scale - ramp).max() <= 2 * scale


@pytest.mark.parametrize(("encoding", "bands"), [("PNG", 4), ("JPEG", 3)])
def test_a_png_with_alpha(admin, uploaded, tmp_path, encoding, bands):
    path = tmp_path / "glass.png"
    content = np.dstack([landscape(300, 200), np.full((200, 300), 128, np.uint8)])
    Image.fromarray(content).save(path)
    region = pixels(fetch(admin, f"item/{uploaded(path)}/tiles/region", encoding=encoding))
    assert region.shape == (200, 300, bands)
    if bands == 4:
        assert np.array_equal(region, content)


def test_the_server_lives_on(admin):
    assert fetch(admin, "system/version").status_code == 200
