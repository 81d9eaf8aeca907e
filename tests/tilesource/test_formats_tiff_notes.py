"""Frames, axes and channels that large_image notes in the descriptions of a TIFF's pages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

import tilesource
from tests.tilesource.images import noise

PLACES = [{"IndexC": n % 2, "IndexZ": n // 2} for n in range(6)]
NAMED = {"channels": ["DAPI", "CY5"]}
QUOTED = {"internal": {"xml": {"shape": [6, 40, 50]}}}  # what tifffile wrote into the original


def noted(path: Path, notes: Sequence[object], smaller: int = 0) -> Path:
    """Write a page for each note, as large_image does, and as many smaller ones below each."""
    options = {"tile": (16, 16), "photometric": "minisblack", "metadata": None}
    with tifffile.TiffWriter(path) as tiff:
        for number, note in enumerate(notes):
            text = note if isinstance(note, str) else json.dumps(note)
            plane = np.full((40, 50), number, np.uint8)
            tiff.write(plane, subifds=smaller or None, description=text, **options)
            for level in range(1, smaller + 1):
                small = np.ascontiguousarray(plane[:: 2**level, :: 2**level])
                tiff.write(small, subfiletype=1, **options)
    return path


def notes_of(places: Sequence[object], **first: object) -> list[dict[str, Any]]:
    """Return the notes of frames at these places; the first one has more."""
    notes: list[dict[str, Any]] = [{"frame": place} for place in places]
    notes[0] |= first
    return notes


def metadata(path: Path) -> dict[str, Any]:
    with tilesource.open(path) as source:
        assert source.name == "tiff"
        return source.getMetadata()


@pytest.mark.parametrize("smaller", [0, 1])
def test_pages_tell_the_axes_and_names_of_their_channels(tmp_path: Path, smaller: int) -> None:
    facts = metadata(noted(tmp_path / "a.tif", notes_of(PLACES, **NAMED), smaller))
    assert facts["IndexRange"] == {"IndexC": 2, "IndexZ": 3}
    assert facts["IndexStride"] == {"IndexC": 1, "IndexZ": 2}
    assert facts["channelmap"] == {"DAPI": 0, "CY5": 1}
    assert facts["frames"][3] == {
        "Frame": 3, "Index": 1, "IndexC": 1, "IndexZ": 1, "Channel": "CY5"
    }  # fmt: skip


def test_a_channel_without_a_frame_keeps_its_name(tmp_path: Path) -> None:
    places = [{"IndexC": 0}, {"IndexC": 2}]
    facts = metadata(noted(tmp_path / "a.tif", notes_of(places, channels=["a", "b", "c"])))
    assert facts["channels"] == ["a", "b", "c"]
    assert facts["frames"][1]["Channel"] == "c"


def test_pages_that_tifffile_skims_tell_their_places_too(tmp_path: Path) -> None:
    places = [{"IndexTIME": n} for n in range(12)]
    path = noted(tmp_path / "a.tif", notes_of(places))
    assert metadata(path)["IndexRange"] == {"IndexTIME": 12}
    with tilesource.open(path) as source:
        assert source.getRegion(frame=11, format="numpy")[0].max() == 11


def test_the_only_channel_of_all_frames_is_told_without_an_axis(tmp_path: Path) -> None:
    places = [{"IndexT": n} for n in range(3)]
    facts = metadata(noted(tmp_path / "a.tif", notes_of(places, channels=["Band 1"])))
    assert facts["channels"] == ["Band 1"]
    assert [frame["Channel"] for frame in facts["frames"]] == ["Band 1"] * 3


WRONG = [
    ['{"frame": {"IndexZ": 0'] * 3, ['{"frame":' + "[" * 100_000] * 3, ["[1]"] * 3,
    notes_of([{"IndexZ": 0}, None, {"IndexZ": 2}]), notes_of([{"IndexZ": 0}, {"IndexC": 1}]),
    *(notes_of([{"IndexZ": place}] * 2) for place in (-1, 10**12, "0", 0.5, None, True, [0])),
    notes_of([{"Index": 0}, {"Index": 1}], channels=[1, {}]), notes_of([[1], [2]], channels="ab"),
]  # fmt: skip


@pytest.mark.parametrize("notes", WRONG)
def test_notes_that_make_no_sense_leave_frames_numbered(
    tmp_path: Path, notes: Sequence[object]
) -> None:
    facts = metadata(noted(tmp_path / "a.tif", notes))
    assert facts["frames"] == [{"Frame": n, "Index": n} for n in range(len(notes))]
    assert "channels" not in facts


def test_fewer_names_than_channels_name_none(tmp_path: Path) -> None:
    facts = metadata(noted(tmp_path / "a.tif", notes_of(PLACES, channels=["DAPI"])))
    assert facts["IndexRange"]["IndexC"] == 2
    assert "channels" not in facts


@pytest.mark.parametrize("smaller", [0, 2])
def test_a_quoted_shape_is_not_that_of_the_file(tmp_path: Path, smaller: int) -> None:
    facts = metadata(noted(tmp_path / "a.tif", notes_of(PLACES, **QUOTED), smaller))
    assert (len(facts["frames"]), facts["bandCount"]) == (6, 1)
    assert facts["IndexRange"] == {"IndexC": 2, "IndexZ": 3}


@pytest.mark.parametrize("shape", ["5", "null", '"ab"', "[[1], 2]", "[", "[" * 100_000])
def test_a_shape_that_makes_no_sense_is_ignored(tmp_path: Path, shape: str) -> None:
    path = noted(tmp_path / "a.tif", [f'{{"shape": {shape}}}'] * 2)
    assert len(metadata(path)["frames"]) == 2


def test_a_page_with_its_own_shape_is_read_by_it(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", noise(50, 40, 6).transpose(2, 0, 1).reshape(2, 3, 40, 50),
                     metadata={"axes": "ZCYX"}, photometric="minisblack")  # fmt: skip
    assert metadata(tmp_path / "a.tif")["IndexRange"] == {"IndexZ": 2, "IndexC": 3}
