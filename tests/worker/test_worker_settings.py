"""The environment of a worker."""

from pathlib import Path

import pytest

from girder_tiles_worker.settings import WorkerSettings


def test_the_environment_is_read():
    variables = {"GIRDER_TILES_TMP": "/scratch", "GIRDER_TILES_VISIBILITY_TIMEOUT": "8"}
    settings = WorkerSettings.from_environment(variables)
    assert (settings.temporary, settings.visibility_timeout) == (Path("/scratch"), 8)
    assert settings.renewal_interval < settings.check_interval < settings.visibility_timeout


def test_a_timeout_of_nothing_is_refused():
    with pytest.raises(ValueError, match="GIRDER_TILES_VISIBILITY_TIMEOUT must be 1 or more"):
        WorkerSettings.from_environment({"GIRDER_TILES_VISIBILITY_TIMEOUT": "-1"})
