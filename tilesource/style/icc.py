"""Colours as a scanner saw them, turned into those of a screen: ICC profiles to sRGB."""

from __future__ import annotations

import functools
import io
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from tilesource import pixels as px
from tilesource.formats.base import ImageInfo, Pixels
from tilesource.style.model import Intent

_INTENTS: dict[Intent, ImageCms.Intent] = {
    "perceptual": ImageCms.Intent.PERCEPTUAL,
    "relative_colorimetric": ImageCms.Intent.RELATIVE_COLORIMETRIC,
    "saturation": ImageCms.Intent.SATURATION,
    "absolute_colorimetric": ImageCms.Intent.ABSOLUTE_COLORIMETRIC,
}
_LARGEST_PROFILE = 1 << 24
_STRIP = 128  # rows that are converted at a time; twice as fast as all, which leave the caches


class ColourCorrection:
    """The conversion from one profile to sRGB; safe in many threads."""

    def __init__(self, profile: bytes, intent: Intent) -> None:
        self._transform = _transform(profile, intent)

    @property
    def changes_colours(self) -> bool:
        """Tell whether there is a profile that makes a difference that can be seen."""
        return self._transform is not None and not _is_identity(self._transform)

    def described(self, info: ImageInfo) -> ImageInfo:
        """Return the facts of an image as they are of its corrected pixels."""
        return replace(info, dtype=np.dtype(np.uint8), icc_profile=None)

    def applied(self, pixels: Pixels) -> Pixels:
        """Return the pixels, at 8 bits a band, in sRGB; bands beyond the third are kept."""
        shown = px.to_uint8(pixels)
        if self._transform is None:
            return shown
        out: Pixels = shown.copy()
        for top in range(0, len(shown), _STRIP):
            strip = np.ascontiguousarray(shown[top : top + _STRIP, :, :3])
            out[top : top + _STRIP, :, :3] = _apply(self._transform, strip)
        return out


def correction_for(info: ImageInfo, intent: Intent) -> ColourCorrection | None:
    """Return what corrects an image's colours, or None if there is nothing to correct.

    Only unsigned RGB of 8 and 16 bits is: other pixels are measurements, not colours.
    """
    profile = info.icc_profile
    if not profile or len(profile) > _LARGEST_PROFILE or info.bands not in (3, 4):
        return None
    if info.dtype.kind != "u" or info.dtype.itemsize > 2:
        return None
    correction = ColourCorrection(profile, intent)
    return correction if correction.changes_colours else None


def profiles_of(info: ImageInfo, number: int | None, only_info: bool) -> Any:
    """Return the profile of that number, or all of them in a list; None if there is none."""
    if not info.icc_profile or number not in (None, 0):
        return None
    try:
        profile = ImageCms.getOpenProfile(io.BytesIO(info.icc_profile))
    except ImageCms.PyCMSError:
        return None
    if number == 0:
        return profile
    return [ImageCms.getProfileInfo(profile).strip() or "present"] if only_info else [profile]


@functools.lru_cache(32)
def _transform(profile: bytes, intent: Intent) -> ImageCms.ImageCmsTransform | None:
    """Return Little CMS's transform, or None for a profile that is broken or not of RGB."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space != "RGB ":
            return None
        screen = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        return ImageCms.buildTransform(source, screen, "RGB", "RGB", _INTENTS[intent])
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _apply(transform: ImageCms.ImageCmsTransform, rgb: Pixels) -> Pixels:
    return np.asarray(transform.apply(Image.fromarray(rgb, "RGB")))


def _is_identity(transform: ImageCms.ImageCmsTransform) -> bool:
    """Tell whether colours from all over the cube stay what they are, but for rounding."""
    steps = np.arange(0, 256, 15, dtype=np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(len(steps), -1, 3)
    return int(np.abs(_apply(transform, cube).astype(int) - cube).max()) <= 1
