"""ICC profiles: colours are turned into sRGB, unless a style says otherwise."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

import tilesource
from tests.tilesource.arrays import ArrayReader, render, row
from tests.tilesource.profiles import grey_profile, profile_by_intent, rgb_profile
from tilesource.config import setConfig
from tilesource.formats.base import Reader
from tilesource.formats.pil import PilReader
from tilesource.formats.tiff import TiffReader
from tilesource.formats.vips import VipsReader
from tilesource.rendering import Renderer

# Adobe RGB's primaries and a gamma of 1.8, from D50 to sRGB by the matrix and curve of
# IEC 61966-2-1. Greys have the same chromaticity in both, so only the curve counts.
GREYS = (0, 64, 128, 200, 255)


def srgb_of(value: int) -> float:
    linear = (value / 255) ** 1.8
    curved = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    return 255 * curved


def test_colours_are_corrected_by_default() -> None:
    pixels = row(*((value,) * 3 for value in GREYS))
    corrected = render(pixels, style=None, icc_profile=rgb_profile())
    assert (corrected.shape, corrected.dtype) == (pixels.shape, np.uint8)
    assert np.abs(corrected[0, :, 0] - [srgb_of(value) for value in GREYS]).max() <= 1.5


def test_deep_colours_are_corrected_to_8_bits() -> None:
    pixels = row(*((value,) * 3 for value in GREYS))
    deep = render(pixels.astype(np.uint16) * 257, style=None, icc_profile=rgb_profile())
    assert np.array_equal(deep, render(pixels, style=None, icc_profile=rgb_profile()))


def test_alpha_is_kept() -> None:
    corrected = render(row((64, 64, 64, 7)), style=None, icc_profile=rgb_profile())
    assert corrected[0, 0, 3] == 7
    assert corrected[0, 0, 0] == pytest.approx(srgb_of(64), abs=1.5)


@pytest.mark.parametrize("style", [{"icc": False}, {"icc": None}, {"icc": 0}, '{"icc": false}'])
def test_correction_can_be_switched_off(style: object) -> None:
    pixels = row((64, 64, 64))
    assert np.array_equal(render(pixels, style=style, icc_profile=rgb_profile()), pixels)


@pytest.mark.parametrize("configured", [False, True])
def test_the_configuration_counts_unless_the_style_says_otherwise(configured: bool) -> None:
    reader = ArrayReader(row((64, 64, 64)), icc_profile=rgb_profile())
    setConfig("icc_correction", configured)
    try:
        assert Renderer(reader).has_style == configured
        assert Renderer(reader, {"icc": True}).has_style
        assert not Renderer(reader, {"icc": False}).has_style
    finally:
        setConfig("icc_correction", None)


def test_the_configuration_may_name_an_intent() -> None:
    pixels, profile = row((200, 200, 200)), profile_by_intent()
    setConfig("icc_correction", "saturation")
    try:
        shown = render(pixels, style=None, icc_profile=profile)
    finally:
        setConfig("icc_correction", None)
    assert np.array_equal(shown, render(pixels, style={"icc": "saturation"}, icc_profile=profile))


@pytest.mark.parametrize(("reader", "name"), [
    (TiffReader, "image.tif"), (VipsReader, "image.png"), (VipsReader, "image.jpg"),
    (VipsReader, "image.webp"), (PilReader, "image.png"),
])  # fmt: skip
def test_formats_find_the_profile(reader: type[Reader], name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    Image.new("RGB", (40, 30), (9, 80, 200)).save(path, icc_profile=rgb_profile())
    opened = reader.open(path)
    assert opened.info.icc_profile == rgb_profile()
    opened.close()


def test_tiles_regions_and_thumbnails_are_corrected_alike(tmp_path: Path) -> None:
    path = tmp_path / "image.tif"
    pixels = np.full((200, 300, 3), 64, np.uint8)
    tiles = {"photometric": "rgb", "tile": (64, 64), "compression": "jpeg"}
    tifffile.imwrite(path, pixels, iccprofile=rgb_profile(), **tiles)
    with tilesource.open(path, encoding="PNG") as source:
        shown = [
            source.getTile(0, 0, source.levels - 1, numpyAllowed="always"),
            source.getRegion(region={"width": 50, "height": 40}, format="numpy")[0],
            source.getThumbnail(width=30, format="numpy")[0],
            next(iter(source.tileIterator(format="numpy")))["tile"],
            np.asarray(Image.open(io.BytesIO(source.getTile(1, 1, source.levels - 1)))),
        ]
    for each in shown:
        assert np.abs(each[:20, :30] - srgb_of(64)).max() <= 3


def test_intents_differ_and_perceptual_is_the_default() -> None:
    pixels = row((200, 200, 200))
    shown = {
        intent: render(pixels, style={"icc": intent}, icc_profile=profile_by_intent()).max()
        for intent in (True, "perceptual", "Relative_Colorimetric", "saturation")
    }
    assert shown[True] == shown["perceptual"]
    assert shown["perceptual"] > shown["Relative_Colorimetric"] > shown["saturation"]


@pytest.mark.parametrize("profile", [None, b"", b"junk" * 99, grey_profile(), rgb_profile()[:300]])
def test_a_profile_that_does_not_fit_is_passed_over(profile: bytes | None) -> None:
    pixels = row((64, 64, 64), (1, 2, 3))
    assert not Renderer(ArrayReader(pixels, icc_profile=profile)).has_style
    assert np.array_equal(render(pixels, style=None, icc_profile=profile), pixels)


@pytest.mark.parametrize("pixels", [
    row(64), row((64, 1)), row((0.1, 0.2, 0.3), dtype="float32"), row((1, 2, 3), dtype="int16"),
])  # fmt: skip
def test_what_is_no_colour_is_not_corrected(pixels: np.ndarray) -> None:
    assert np.array_equal(render(pixels, style=None, icc_profile=rgb_profile()), pixels)


def test_a_profile_that_changes_nothing_is_no_style() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert not Renderer(ArrayReader(row((1, 2, 3)), icc_profile=srgb)).has_style


def test_bands_are_styled_raw_unless_correction_is_asked_for() -> None:
    pixels = row((64, 64, 64))
    raw = render(pixels, style={"band": 1}, icc_profile=rgb_profile())
    corrected = render(pixels, style={"band": 1, "icc": True}, icc_profile=rgb_profile())
    assert raw[0, 0, 0] == 64
    assert corrected[0, 0, 0] == pytest.approx(srgb_of(64), abs=1.5)


def test_deep_bands_are_styled_after_the_correction_that_was_asked_for() -> None:
    pixels = row((64, 64, 64), (200, 200, 200), (9, 9, 9))
    style = {"band": 1, "icc": True, "min": "min", "max": "max", "dtype": "source"}
    shown = [
        render(each, style=style, icc_profile=rgb_profile())
        for each in (pixels, pixels.astype(np.uint16) * 257)
    ]
    assert shown[1].dtype == np.uint8
    assert np.array_equal(*shown)


def test_profiles_are_given_to_whoever_asks(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (20, 20)).save(path, icc_profile=rgb_profile())
    with tilesource.open(path) as source:
        profiles = source.getICCProfiles()
        assert [type(profile) for profile in profiles] == [ImageCms.ImageCmsProfile]
        assert source.getICCProfiles(0).profile.xcolor_space == "RGB "
        assert source.getICCProfiles(1) is None
        (told,) = source.getICCProfiles(onlyInfo=True)
        assert told == (ImageCms.getProfileInfo(profiles[0]).strip() or "present")


@pytest.mark.parametrize("profile", [None, b"no profile at all"])
def test_no_profile_is_none(tmp_path: Path, profile: bytes | None) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((9, 9, 3), "u1"), photometric="rgb",
                     iccprofile=profile)  # fmt: skip
    with tilesource.open(tmp_path / "a.tif") as source:
        assert source.getICCProfiles() is None
