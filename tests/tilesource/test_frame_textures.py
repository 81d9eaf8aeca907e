from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilesource.errors import InvalidRequest
from tilesource.frame_textures import getTileFramesQuadInfo
from tilesource.geometry import nearPowerOfTwo


def metadata(width: int, height: int, count: int, **more: Any) -> dict[str, Any]:
    frames = [{"Frame": number} for number in range(count)]
    return {"sizeX": width, "sizeY": height, "tileWidth": 256, "tileHeight": 256,
            "frames": frames, **more}  # fmt: skip


def test_one_texture_of_all_frames() -> None:
    found = getTileFramesQuadInfo(metadata(1000, 1000, 16), {"maxTextureSize": 1024})
    assert found["src"] == [{
        "framesAcross": 4, "width": 256, "height": 256, "fill": "corner:black", "exact": False,
        "encoding": "JPEG", "jpegQuality": 85, "jpegSubsampling": 1,
    }]  # fmt: skip
    assert found["quads"][5] == {
        "ul": {"x": 0, "y": 0, "z": -1}, "lr": {"x": 1000, "y": -1000, "z": -1},
        "crop": {"x": 1000, "y": 1000, "left": 256, "top": 512, "right": 512, "bottom": 768},
    }  # fmt: skip
    assert (found["minLevel"], found["quadsToIdx"]) == (0, [0] * 16)


def test_frames_are_chosen_and_ordered() -> None:
    image = metadata(1000, 1000, 12, IndexRange={"IndexC": 3, "IndexZ": 4})
    found = getTileFramesQuadInfo(image, {"frameBase": 2, "frameStride": "c"})
    assert (found["frames"], found["src"][0]["frameList"]) == ([2, 5, 8, 11],) * 2
    options = {"frameGroup": "z", "maxTextures": 5, "maxTextureSize": 1024, "frameGroupStride": 3}
    found = getTileFramesQuadInfo(image, options)
    lists = [source["frameList"] for source in found["src"]]
    assert lists == [[0, 3, 6, 9], [1, 4, 7, 10], [2, 5, 8, 11]]
    assert found["framesToIdx"][10] == 7


def test_an_axis_as_base_tells_the_calls_of_all_its_frames() -> None:
    image = metadata(1000, 1000, 12, IndexRange={"IndexC": 3, "IndexZ": 4})
    found = getTileFramesQuadInfo(image, {"frameBase": "c", "frameStride": "c"})
    lists = [call["frameList"] for call in found["src"]]
    assert lists == [[0, 3, 6, 9], [1, 4, 7, 10], [2, 5, 8, 11]]
    assert (found["options"]["frameBase"], "quads" in found) == (2, False)


def test_a_frame_is_no_larger_than_it_may_be() -> None:
    (call,) = getTileFramesQuadInfo(metadata(2000, 1000, 4), {"maxFrameSize": 200})["src"]
    assert (call["width"], call["height"]) == (192, 112)


def test_more_textures_make_larger_frames() -> None:
    sizes = {}
    for textures in (1, 4):
        options = {"maxTextures": textures, "maxTextureSize": 2048}
        sources = getTileFramesQuadInfo(metadata(1000, 1000, 10), options)["src"]
        sizes[textures] = len(sources), sources[0]["width"]
    assert sizes == {1: (1, 512), 4: (3, 1008)}


@settings(max_examples=60, deadline=None)
@given(
    width=st.integers(1, 5000), height=st.integers(1, 5000), count=st.integers(1, 60),
    side=st.sampled_from((1024, 4096)), textures=st.integers(1, 4),
)  # fmt: skip
def test_every_frame_has_a_place_of_its_own(
    width: int, height: int, count: int, side: int, textures: int
) -> None:
    options = {"maxTextureSize": side, "maxTextures": textures}
    found = getTileFramesQuadInfo(metadata(width, height, count), options)
    places = [
        (texture, quad["crop"]["left"], quad["crop"]["bottom"])
        for texture, quad in zip(found["quadsToIdx"], found["quads"], strict=True)
    ]
    assert len(set(places)) == count
    assert len(found["src"]) <= textures


BAD = [{"maxTextureSize": 0}, {"alignment": "x"}, {"frameBase": 9}, {"frameStride": 0},
       {"nonsense": 1}, {"maxTextures": None}, {"maxFrameSize": "x"}]  # fmt: skip


@pytest.mark.parametrize("options", BAD, ids=str)
def test_options_that_make_no_sense_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest):
        getTileFramesQuadInfo(metadata(100, 100, 3), options)


def test_values_that_differ_by_nearly_a_power_of_two() -> None:
    pairs = [(1, 2), (1, 2.02), (8, 1), (1, 1.0139), (3, 4), (1, 2.04), (0, 1), (-1, 2)]
    assert [nearPowerOfTwo(*pair) for pair in pairs] == [True] * 4 + [False] * 4
