"""Settings come from the defaults, the environment and the program, the last one first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tilesource.config import DEFAULTS, getConfig, setConfig
from tilesource.errors import InvalidRequest


@pytest.fixture(autouse=True)
def _unset() -> Iterator[None]:
    yield
    for key in (*DEFAULTS, "mine"):
        setConfig(key, None)


def test_a_default_holds_until_something_is_set() -> None:
    assert getConfig("max_small_image_size") == 4096
    setConfig("max_small_image_size", 1000)
    assert getConfig("max_small_image_size") == 1000
    setConfig("max_small_image_size", None)
    assert getConfig("max_small_image_size") == 4096


def test_an_unknown_key_has_the_callers_default() -> None:
    assert getConfig("mine", 5) == 5
    setConfig("mine", "value")
    assert getConfig("mine", 5) == "value"
    assert getConfig()["mine"] == "value"


@pytest.mark.parametrize("prefix", ["LARGE_IMAGE_", "GIRDER_TILES_"])
@pytest.mark.parametrize(
    ("key", "text", "value"),
    [("max_small_image_size", "77", 77), ("icc_correction", "false", False),
     ("icc_correction", "True", True), ("cache_backend", "redis", "redis"),
     ("cache_redis_password", "0123", "0123"), ("default_projection", "EPSG:3857", "EPSG:3857")],
)  # fmt: skip
def test_the_environment_sets_values(
    monkeypatch: pytest.MonkeyPatch, prefix: str, key: str, text: str, value: object
) -> None:
    monkeypatch.setenv(prefix + key.upper(), text)
    assert getConfig(key) == value


@pytest.mark.parametrize("wrong", ["many", -1, True, 1.5])
def test_a_value_of_another_kind_is_refused(wrong: object) -> None:
    with pytest.raises(InvalidRequest, match="max_small_image_size"):
        setConfig("max_small_image_size", wrong)


def test_a_wrong_environment_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LARGE_IMAGE_CACHE_TILE_BYTES", "lots")
    with pytest.raises(InvalidRequest, match=r"cache_tile_bytes.*lots"):
        getConfig("cache_tile_bytes")
