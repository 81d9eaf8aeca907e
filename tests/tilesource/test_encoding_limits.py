"""Pixels of any shape become images, or are refused for a reason."""

from __future__ import annotations

import imagecodecs
import numpy as np
import pytest

from tests.tilesource.images import noise
from tilesource.encoding import Encoding, encode
from tilesource.errors import InvalidRequest


@pytest.mark.parametrize("bands", [1, 2, 4])
def test_noise_in_a_column_is_a_png(bands: int) -> None:
    column = noise(1, 5000, bands)
    decoded = imagecodecs.png_decode(encode(column, Encoding(name="PNG")))
    assert np.array_equal(decoded.reshape(column.shape), column)


@pytest.mark.parametrize(
    ("width", "encoding"),
    [
        (65_501, Encoding(name="JPEG")),
        (65_501, Encoding(name="TIFF", tiff_compression="jpeg")),
        (16_384, Encoding(name="WEBP")),
        (1_000_001, Encoding(name="PNG")),
    ],
)
def test_what_an_encoding_cannot_hold_is_refused(width: int, encoding: Encoding) -> None:
    with pytest.raises(InvalidRequest, match="too large to be encoded"):
        encode(np.zeros((1, width, 3), np.uint8), encoding)
    assert encode(np.zeros((1, 16_383, 3), np.uint8), encoding)
