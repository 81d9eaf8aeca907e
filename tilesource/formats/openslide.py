"""Whole-slide images through OpenSlide: MIRAX, Hamamatsu, Ventana, Leica, Zeiss, DICOM, ..."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import openslide
from PIL import Image

from tilesource.config import getConfig
from tilesource.constants import SourcePriority
from tilesource.errors import DamagedFile, UnreadableFile
from tilesource.formats.base import ImageInfo, Level, Pixels, Reader, magnification_of

_SETS = (".mrxs", ".vms", ".vmu", ".dcm")  # whose pixels lie in other files
_EMPTIEST = 20_000  # pixels of a stored byte
_SIDES = ("width", "height")
_TILE = 256  # of a level that does not tell its own
_FAILURES = (openslide.OpenSlideError, OSError, ValueError, KeyError, MemoryError)
_LARGEST_ASSOCIATED = 1 << 27  # in pixels, as the next
_LARGEST_TILE = 1 << 26
# Vendors whose slides are one file each; Hamamatsu's NDPI, a TIFF, is too, its VMS and VMU are not.
_SINGLE = {"aperio", "generic-tiff", "leica", "philips", "sakura", "ventana", "zeiss"}
_TIFF = (b"II*\0", b"MM\0*")


class OpenSlideReader(Reader):
    """A slide that OpenSlide reads, its missing parts in the slide's background colour."""

    name = "openslide"
    extensions = {
        None: SourcePriority.LOW,
        **dict.fromkeys(
            ("czi", "mrxs", "ndpi", "svslide", "vms", "vmu", "bif"), SourcePriority.PREFERRED
        ),
        **dict.fromkeys(("svs", "scn", "dcm"), SourcePriority.MEDIUM),
        **dict.fromkeys(("tif", "tiff"), SourcePriority.LOWER),
    }
    mime_types = {
        None: SourcePriority.FALLBACK,
        **dict.fromkeys(("image/czi", "image/mirax"), SourcePriority.PREFERRED),
        "application/dicom": SourcePriority.MEDIUM,
    }

    def __init__(self, path: Path, slide: openslide.OpenSlide) -> None:
        self._slide = slide
        facts = slide.properties
        colour = facts.get(openslide.PROPERTY_NAME_BACKGROUND_COLOR, "")
        self._background = _colour(colour)
        _check_size(slide, path)
        super().__init__(path, _describe(slide, facts))

    @classmethod
    def open(cls, path: Path) -> OpenSlideReader:
        if not getConfig("allow_other_files") and not _stands_alone(path):
            raise UnreadableFile(f"{path.name} may consist of several files, not read here")
        try:
            slide = openslide.OpenSlide(str(path))
        except openslide.OpenSlideUnsupportedFormatError as exc:
            raise UnreadableFile(f"{path.name} is not a slide that OpenSlide reads") from exc
        except _FAILURES as exc:
            raise UnreadableFile(f"{path.name} cannot be read: {_reason(exc, path)}") from exc
        try:
            return cls(path, slide)
        except UnreadableFile as exc:
            slide.close()
            raise UnreadableFile(f"{path.name} cannot be read: {exc}") from exc
        except _FAILURES as exc:
            slide.close()
            raise DamagedFile(f"{path.name} is damaged: {_reason(exc, path)}") from exc

    def close(self) -> None:
        self._slide.close()

    def _read(self, level: int, frame: int, x: int, y: int, width: int, height: int) -> Pixels:
        try:
            step = self._slide.level_downsamples[level]
            place = round(x * step), round(y * step)
            image = self._slide.read_region(place, level, (width, height))
        except _FAILURES as exc:
            raise self._damage(self.path.name, exc) from exc
        return _opaque(image, self._background)

    def _associated_image(self, key: str) -> Pixels | None:
        try:
            return _opaque(self._slide.associated_images[key], self._background)
        except _FAILURES as exc:
            raise self._damage(f"{key} of {self.path.name}", exc) from exc

    def _damage(self, what: str, error: Exception) -> DamagedFile:
        """Return the error to raise; after one, an open slide answers nothing any more."""
        with contextlib.suppress(*_FAILURES):
            # The old one is closed once no thread uses it.
            self._slide = openslide.OpenSlide(str(self.path))
        return DamagedFile(f"{what} is damaged: {_reason(error, self.path)}")


def _check_size(slide: openslide.OpenSlide, path: Path) -> None:
    """Refuse a file whose pixels nothing stores; to show such a void takes as long as a slide."""
    width, height = slide.dimensions
    is_set = path.suffix.lower() in _SETS
    if not is_set and width * height > _EMPTIEST * max(path.stat().st_size, 1):
        raise UnreadableFile(f"{width:,} x {height:,} pixels are too many for its bytes")


def _reason(error: Exception, path: Path) -> str:
    """Return what OpenSlide says, without the folders of the server."""
    return str(error).replace(str(path.parent) + "/", "")


def _describe(slide: openslide.OpenSlide, facts: Mapping[str, str]) -> ImageInfo:
    across = _number(facts.get(openslide.PROPERTY_NAME_MPP_X))
    down = _number(facts.get(openslide.PROPERTY_NAME_MPP_Y))
    mm_x, mm_y = across and across / 1000, down and down / 1000
    power = _number(facts.get(openslide.PROPERTY_NAME_OBJECTIVE_POWER))
    return ImageInfo(
        levels=[_level(facts, number, size) for number, size in enumerate(slide.level_dimensions)],
        dtype=np.dtype(np.uint8),
        bands=3,
        magnification=power or magnification_of(mm_x),
        mm_x=mm_x,
        mm_y=mm_y,
        lossy=True,
        icc_profile=_profile(slide),
        associated=tuple(sorted(filter(_is_small(facts), slide.associated_images))),
        internal={"openslide": dict(facts)},
    )


def _profile(slide: openslide.OpenSlide) -> bytes | None:
    """Return the colour profile of a slide; OpenSlide before 4 knows of none."""
    profile = slide.color_profile
    return None if profile is None else bytes(profile.tobytes())


def _is_small(facts: Mapping[str, str]) -> Callable[[str], bool]:
    """Return what tells of an associated image's name whether it can be held whole."""

    def is_small(name: str) -> bool:
        sides = (_number(facts.get(f"openslide.associated.{name}.{side}")) for side in _SIDES)
        return math.prod(side or 1 for side in sides) <= _LARGEST_ASSOCIATED

    return is_small


def _level(facts: Mapping[str, str], number: int, size: tuple[int, int]) -> Level:
    prefix = f"openslide.level[{number}].tile-"
    width, height = _number(facts.get(prefix + "width")), _number(facts.get(prefix + "height"))
    # OpenSlide ends the program when it cannot have the memory for a tile.
    if (width or 1) * (height or 1) > _LARGEST_TILE:
        raise UnreadableFile(f"tiles of {width:,.0f} x {height:,.0f} pixels are too large")
    return Level(
        width=size[0], height=size[1],
        tile_width=int(width or _TILE), tile_height=int(height or _TILE),
    )  # fmt: skip


def _number(text: str | None) -> float | None:
    """Return a property as a number, if it is a positive one."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0 else None


def _colour(text: str) -> tuple[int, int, int]:
    """Return a property of the form `RRGGBB` as a colour, or else white, as empty glass is."""
    try:
        red, green, blue = bytes.fromhex(text)
    except ValueError:
        return 255, 255, 255
    return red, green, blue


def _opaque(image: Image.Image, background: tuple[int, int, int]) -> Pixels:
    """Return an image with alpha as it looks on a colour."""
    if image.getchannel("A").getextrema()[0] == 255:
        return np.asarray(image.convert("RGB"))
    out = Image.new("RGB", image.size, background)
    out.paste(image, mask=image.getchannel("A"))
    return np.asarray(out)


def _stands_alone(path: Path) -> bool:
    """Tell whether it is no slide, or one of a vendor's format that reads no file beside it."""
    vendor = openslide.OpenSlide.detect_format(str(path))
    with path.open("rb") as file:
        is_tiff = file.read(4) in _TIFF
    return vendor is None or vendor in _SINGLE or (vendor == "hamamatsu" and is_tiff)
