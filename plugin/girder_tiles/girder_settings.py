"""What an administrator sets in Girder, under the names that clients of large_image know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from girder.api import access
from girder.api.describe import Description, autoDescribeRoute
from girder.api.rest import Resource
from girder.exceptions import ValidationException
from girder.models.setting import Setting
from girder.utility import setting_utilities


@dataclass(frozen=True, slots=True)
class PluginSetting:
    """One setting: its key, its default and what makes a value valid."""

    key: str
    default: Any
    parse: Callable[[Any], Any]


def truth(value: Any) -> bool:
    """Return true or false for the ways in which clients write it."""
    words = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}
    word = str(value).strip().lower()
    if word not in words:
        raise ValueError(f"{value!r} is neither true nor false")
    return words[word]


def side_length(value: Any) -> int:
    """Return a number of pixels that is 0 or more."""
    if isinstance(value, bool) or int(value) != float(value) or int(value) < 0:
        raise ValueError(f"{value!r} is not a number of pixels")
    return int(value)


AUTO_SET = PluginSetting("large_image.auto_set", True, truth)
"""Recognise uploads."""
MAX_SMALL_IMAGE_SIZE = PluginSetting("large_image.max_small_image_size", 4096, side_length)
"""An image whose sides are no longer than this many pixels is served without a conversion."""
SHOW_VIEWER = PluginSetting("large_image.show_viewer", True, truth)
"""Show the viewer on item pages."""

SETTINGS = (AUTO_SET, MAX_SMALL_IMAGE_SIZE, SHOW_VIEWER)


def value_of(setting: PluginSetting) -> Any:
    """Return what is set, or the default."""
    return setting.parse(Setting().get(setting.key))


def _register(setting: PluginSetting) -> None:
    def validate(doc: dict[str, Any]) -> None:
        try:
            doc["value"] = setting.parse(doc["value"])
        except (ValueError, TypeError, OverflowError) as exc:
            raise ValidationException(f"{setting.key}: {exc}.", "value") from exc

    setting_utilities.registerValidator(setting.key, validate, replace=True)
    setting_utilities.registerDefaultFunction(setting.key, lambda: setting.default)


for _setting in SETTINGS:  # at import: workers of the queue `local` load no plugin
    _register(_setting)


@access.public
@autoDescribeRoute(Description("Get the settings of the image plugin that anybody may know."))
def get_settings() -> dict[str, Any]:
    """Answer with all settings by key."""
    return {setting.key: value_of(setting) for setting in SETTINGS}


def add_to(api_root: Any) -> None:
    """Add the resource `large_image` to the API."""
    resource = Resource()
    resource.resourceName = "large_image"
    resource.route("GET", ("settings",), get_settings)
    api_root.large_image = resource
