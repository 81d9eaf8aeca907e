"""What a TIFF claims of itself is believed within limits."""

from __future__ import annotations

import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
import tifffile

import tilesource
from tests.tilesource.images import imagej, noise, smooth
from tilesource.errors import DamagedFile, TileSourceError, UnreadableFile
from tilesource.formats.tiff import TiffReader

OME = (
    '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
    '<Image ID="Image:0"><Pixels ID="P:0" Type="uint8" DimensionOrder="XYCZT" SizeX="50"'
    ' SizeY="40" SizeT="1" {}</Image></OME>'
)


def write_ome(path: Path, pixels: str) -> Path:
    plane = noise(50, 40, 1)[..., 0]
    tifffile.imwrite(path, plane, description=OME.format(pixels), metadata=None)
    return path


@pytest.mark.parametrize(
    "pixels",
    [
        'SizeC="30000" SizeZ="30000"><TiffData IFD="0"/></Pixels>',
        'SizeC="1" SizeZ="1"><TiffData IFD="0" PlaneCount="900000000"/></Pixels>',
        'SizeC="many" SizeZ="1"><TiffData/></Pixels>',
    ],
)
def test_an_ome_that_tells_of_too_much_is_refused(tmp_path: Path, pixels: str) -> None:
    with pytest.raises(TileSourceError):
        TiffReader.open(write_ome(tmp_path / "claims.ome.tif", pixels))


def test_an_ome_cannot_hide_its_claims_from_us(tmp_path: Path) -> None:
    # tifffile goes by how a name ends, too.
    hidden = 'SizeC="1" SizeZ="1"/><xPixels SizeC="30000" SizeZ="30000"></xPixels>'
    with pytest.raises(UnreadableFile, match="claims more"):
        TiffReader.open(write_ome(tmp_path / "claims.ome.tif", hidden))


OPEN = """
import sys, tilesource
tilesource.config.setConfig("allow_other_files", sys.argv[2] == "True")
tilesource.canRead(sys.argv[1])
"""


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize("folder", ["", "{}/"])
def test_an_ome_does_not_make_us_open_a_pipe(tmp_path: Path, allowed: bool, folder: str) -> None:
    os.mkfifo(tmp_path / "pipe")  # whoever opens it waits for ever
    name = folder.format(tmp_path) + "pipe"
    uuid = f'<TiffData><UUID FileName="{name}">urn:uuid:1</UUID></TiffData></Pixels>'
    path = write_ome(tmp_path / "pointing.ome.tif", f'SizeC="1" SizeZ="1">{uuid}')
    command = [sys.executable, "-c", OPEN, str(path), str(allowed)]
    assert subprocess.run(command, timeout=60, check=False).returncode == 0


def test_a_label_that_is_too_large_to_read_is_not_listed(tmp_path: Path) -> None:
    path, strip = tmp_path / "label.svs", zlib.compress(bytes(20_000 * 1000))
    with tifffile.TiffWriter(path) as tiff:
        tiff.write(
            smooth(300, 200), tile=(64, 64), photometric="rgb", description="Aperio|AppMag = 20",
            metadata=None,
        )  # fmt: skip
        tiff.write(
            iter([strip] * 20), shape=(20_000, 20_000), dtype="u1", rowsperstrip=1000,
            compression="deflate", photometric="minisblack", description="Aperio\nlabel",
            metadata=None,
        )  # fmt: skip
    with tilesource.open(path) as source:
        assert source.getAssociatedImagesList() == []


def test_a_frame_that_is_shorter_than_the_others_is_damaged(tmp_path: Path) -> None:
    path = imagej(tmp_path / "stack.tif")
    with tifffile.TiffFile(path, mode="r+") as tiff:
        tiff.pages[6].tags["ImageLength"].overwrite(63)
    with tilesource.open(path, noCache=True) as source:
        source.getTile(0, 0, 0, frame=5)
        with pytest.raises(DamagedFile):
            source.getTile(0, 0, 0, frame=6)
