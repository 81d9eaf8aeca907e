"""An image of any kind made into a tiled pyramid that can be served at once."""

from tilesource.conversion.assessment import Assessment, assess, check_readable
from tilesource.conversion.convert import convert
from tilesource.conversion.options import ConversionOptions

__all__ = ["Assessment", "ConversionOptions", "assess", "check_readable", "convert"]
