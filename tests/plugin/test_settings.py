"""The environment of the server."""

import pytest

from girder_tiles.settings import Settings


def test_the_environment_is_read():
    variables = {"GIRDER_TILES_CACHE_BYTES": "1000", "GIRDER_TILES_REDIS_URL": "redis://host"}
    settings = Settings.from_environment(variables)
    assert (settings.cache_bytes, settings.redis_url) == (1000, "redis://host")
    assert settings.open_files == Settings().open_files


@pytest.mark.parametrize(
    ("value", "sentence"), [("many", "must be a whole number"), ("0", "must be 1 or more")]
)
def test_a_senseless_value_is_refused(value, sentence):
    with pytest.raises(ValueError, match=f"GIRDER_TILES_OPEN_FILES {sentence}"):
        Settings.from_environment({"GIRDER_TILES_OPEN_FILES": value})
