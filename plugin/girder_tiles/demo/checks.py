"""Look at what the server sends: is it the image that was uploaded?"""

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pyvips
from girder_client import GirderClient, HttpError
from PIL import Image

from girder_tiles.demo.errors import DemoError

REGION = 512
TILES_PER_SIDE = 4
MINIMUM_PSNR_DB = 38.0


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What the checks saw."""

    width: int
    height: int
    levels: int
    tiles: int
    likeness: str


class Served:
    """The images that the server sends of one item."""

    def __init__(self, client: GirderClient, item_id: str) -> None:
        self._client = client
        self._base = f"item/{item_id}/tiles"
        self.metadata: dict[str, Any] = client.get(self._base)

    def image(self, path: str, parameters: dict[str, Any] | None = None) -> Image.Image:
        """Return a picture, decoded to its last pixel."""
        image = Image.open(io.BytesIO(self.content(path, parameters)))
        image.load()
        return image

    def content(self, path: str, parameters: dict[str, Any] | None = None) -> bytes:
        """Return a response's bytes; raise DemoError if there are none."""
        try:
            response = self._client.get(f"{self._base}/{path}", parameters, jsonResp=False)
        except HttpError as exc:
            raise DemoError(f"{path} answered {exc.status}: {exc.responseText}") from exc
        return bytes(response.content)


def check_tiles(client: GirderClient, item_id: str, original: Path) -> Findings:
    """Return what was found; raise DemoError at the first thing that is wrong."""
    served = Served(client, item_id)
    metadata = served.metadata
    _check_dzi(served)
    _check_thumbnail(served)
    return Findings(
        width=metadata["sizeX"],
        height=metadata["sizeY"],
        levels=metadata["levels"],
        tiles=_check_levels(served),
        likeness=_check_pixels(served, original),
    )


def _check_dzi(served: Served) -> None:
    descriptor = ElementTree.fromstring(served.content("dzi.dzi"))
    size = next(element for element in descriptor if element.tag.endswith("Size")).attrib
    width, height = int(size["Width"]), int(size["Height"])
    if (width, height) != (served.metadata["sizeX"], served.metadata["sizeY"]):
        raise DemoError(f"The DZI descriptor says {width} x {height} pixels.")
    top = math.ceil(math.log2(max(width, height)))
    served.image(f"dzi_files/{top}/0_0.{descriptor.attrib['Format']}")


def _check_thumbnail(served: Served) -> None:
    size = served.image("thumbnail", {"width": 256, "height": 256}).size
    if max(size) > 256:
        raise DemoError(f"The thumbnail is {size[0]} x {size[1]} pixels.")


def _check_levels(served: Served) -> int:
    """Return how many tiles were decoded, some of each level."""
    count = 0
    for level in range(served.metadata["levels"]):
        for column, row in _some_tiles(served.metadata, level):
            served.image(f"zxy/{level}/{column}/{row}")
            count += 1
    return count


def _some_tiles(metadata: dict[str, Any], level: int) -> Iterator[tuple[int, int]]:
    scale = 2 ** (metadata["levels"] - 1 - level)
    columns = math.ceil(metadata["sizeX"] / scale / metadata["tileWidth"])
    rows = math.ceil(metadata["sizeY"] / scale / metadata["tileHeight"])
    for column in _spread(columns):
        for row in _spread(rows):
            yield column, row


def _spread(count: int) -> list[int]:
    """Return some of the first `count` numbers, with the first and the last."""
    some = min(count, TILES_PER_SIDE)
    return sorted({round(number) for number in np.linspace(0, count - 1, some)})


def _check_pixels(served: Served, original: Path) -> str:
    """Compare the middle of the full resolution with the original file."""
    width, height = (min(REGION, served.metadata[key]) for key in ("sizeX", "sizeY"))
    left = (served.metadata["sizeX"] - width) // 2
    top = (served.metadata["sizeY"] - height) // 2
    parameters = {
        **{"left": left, "top": top, "regionWidth": width, "regionHeight": height},
        **{"encoding": "PNG", "units": "base_pixels"},
    }
    sent = np.asarray(served.image("region", parameters).convert("RGB"), dtype=np.float64)
    file = pyvips.Image.new_from_file(str(original)).colourspace("srgb")
    expected = file.crop(left, top, width, height).numpy()
    return _likeness(sent, np.atleast_3d(expected)[:, :, :3].astype(np.float64))


def _likeness(sent: np.ndarray, expected: np.ndarray) -> str:
    if sent.shape != expected.shape:
        raise DemoError(f"A region is of {sent.shape} instead of {expected.shape} values.")
    error = float(np.mean((sent - expected) ** 2))
    if error == 0:
        return "exactly those of the file"
    psnr = 10 * math.log10(255**2 / error)
    if psnr < MINIMUM_PSNR_DB:
        raise DemoError(f"The pixels differ from the file's: PSNR {psnr:.1f} dB.")
    return f"those of the file, PSNR {psnr:.1f} dB"
