from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilesource.errors import InvalidRequest
from tilesource.tiling import Ruler, Span


def spans(ruler: Ruler) -> list[Span]:
    return [ruler.span(tile) for tile in range(ruler.first, ruler.end)]


def told(ruler: Ruler) -> tuple[str, str]:
    """Return the pixels of each tile, and those of them that are its own."""
    digits = "01234567"
    tiles = [digits[span.start : span.stop] for span in spans(ruler)]
    own = [digits[span.start + span.before : span.stop - span.after] for span in spans(ruler)]
    return ", ".join(tiles), ", ".join(own)


def test_the_documented_example() -> None:
    assert told(Ruler(start=0, stop=8, size=5, overlap=4)) == (
        "01234, 12345, 23456, 34567", "012, 3, 4, 567",
    )  # fmt: skip


def test_the_documented_example_with_edges() -> None:
    assert told(Ruler(start=0, stop=8, size=5, overlap=4, edges=True)) == (
        "012, 0123, 01234, 12345, 23456, 34567, 4567, 567", "0, 1, 2, 3, 4, 5, 6, 7",
    )  # fmt: skip


# As large_image answers: size, overlap, edges -> (start, length, before, after) of each tile.
ANSWERS = [
    (5, 3, False, [(0, 5, 0, 2), (2, 5, 1, 2), (4, 4, 1, 0)]),
    (4, 1, False, [(0, 4, 0, 1), (3, 4, 0, 1), (6, 2, 0, 0)]),
    (10, 4, False, [(0, 8, 0, 0)]),
    (5, 0, False, [(0, 5, 0, 0), (5, 3, 0, 0)]),
    (5, 3, True, [(0, 4, 0, 2), (1, 5, 1, 2), (3, 5, 1, 2), (5, 3, 1, 0)]),
    (10, 4, True, [(0, 8, 0, 2), (4, 4, 2, 0)]),
    (8, 1, True, [(0, 8, 0, 1), (7, 1, 0, 0)]),
]


@pytest.mark.parametrize(("size", "overlap", "edges", "expected"), ANSWERS)
def test_overlaps(size: int, overlap: int, edges: bool, expected: list[object]) -> None:
    ruler = Ruler(start=0, stop=8, size=size, overlap=overlap, edges=edges)
    assert [(span.start, span.length, span.before, span.after) for span in spans(ruler)] == expected


@pytest.mark.parametrize(("origin", "starts"), [(0, [2, 3, 6]), (1, [2, 4, 7]), (2, [2, 5]),
                                                (-1, [2, 5]), (7, [2, 4, 7])])  # fmt: skip
def test_a_corner_of_a_tile_lies_at_the_offset(origin: int, starts: list[int]) -> None:
    ruler = Ruler(start=2, stop=8, size=3, origin=origin)
    assert [span.start for span in spans(ruler)] == starts


@given(
    start=st.integers(0, 300), length=st.integers(1, 300), size=st.integers(1, 90),
    overlap=st.integers(0, 89), edges=st.booleans(), origin=st.integers(-200, 400),
)  # fmt: skip
def test_what_tiles_do_not_share_is_the_region(
    start: int, length: int, size: int, overlap: int, edges: bool, origin: int
) -> None:
    ruler = Ruler(
        start=start, stop=start + length, size=size, overlap=overlap % size, edges=edges,
        origin=origin,
    )  # fmt: skip
    own = [
        pixel
        for span in spans(ruler)
        for pixel in range(span.start + span.before, span.stop - span.after)
    ]
    assert own == list(range(start, start + length))
    assert all(1 <= span.length <= size and span.before >= 0 <= span.after for span in spans(ruler))


@pytest.mark.parametrize(("size", "overlap"), [(5, 5), (5, 6), (5, -1), (0, 0)])
def test_tiles_that_do_not_advance_are_refused(size: int, overlap: int) -> None:
    with pytest.raises(InvalidRequest, match=f"{size} pixels cannot overlap by {overlap}"):
        Ruler(start=0, stop=8, size=size, overlap=overlap)
