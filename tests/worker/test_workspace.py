"""The folder of a task."""

import pytest

from girder_tiles_worker.workspace import clean_up, workspace


def test_the_folder_is_gone_afterwards_even_on_failure(tmp_path):
    def fail_halfway():
        with workspace(tmp_path, "task") as folder:
            (folder / "half.tiff").touch()
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - ours, with no words
        fail_halfway()
    assert not list(tmp_path.iterdir())


def test_what_a_killed_attempt_left_is_gone(tmp_path):
    left = tmp_path / "girder-tiles-task"
    left.mkdir()
    (left / "half.tiff").touch()
    clean_up(tmp_path, "task")
    clean_up(tmp_path, "task")
    assert not list(tmp_path.iterdir())
