"""The functions that styles may call, under the name of the documented API."""

from tilesource.style.functions import maskPixelValues, medianFilter

__all__ = ["maskPixelValues", "medianFilter"]
