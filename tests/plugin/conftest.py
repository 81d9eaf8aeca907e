"""An item with a small slide, private to the administrator."""

import pytest

from tests.e2e.items import upload
from tests.e2e.slides import write_slide


@pytest.fixture
def slide(admin, folder, tmp_path):
    """The id of an item that is an image."""
    write_slide(tmp_path / "slide.svs", 700, 500)
    return upload(admin, folder, tmp_path / "slide.svs")
