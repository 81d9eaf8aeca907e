"""What the command line refuses."""

import pytest
from PIL import Image

from girder_tiles.cli import main


@pytest.mark.parametrize("port", ["0", "-5", "99999"])
def test_a_port_that_there_is_not(tmp_path, capsys, port):
    with pytest.raises(SystemExit):
        main(["demo", "--state", str(tmp_path), "--port", port])
    assert f"a port is 1 to 65535, not {port}" in capsys.readouterr().err


@pytest.mark.parametrize("destination", ["a.png", "link.png"])
def test_an_original_is_not_replaced(tmp_path, capsys, destination):
    source = tmp_path / "a.png"
    Image.new("RGB", (20, 10)).save(source)
    (tmp_path / "link.png").symlink_to(source)
    before = source.read_bytes()
    assert main(["convert", str(source), str(tmp_path / destination)]) == 1
    assert "a.png is the file to convert" in capsys.readouterr().err
    assert source.read_bytes() == before
