"""Every name of the documented API is there, and takes the documented parameters in their order."""

from __future__ import annotations

import importlib
import inspect

import pytest

import tilesource
from tilesource.sinks import TileSink

METHODS = {
    "canRead": "path",
    "convertRegionScale": "sourceRegion sourceScale targetScale targetUnits cropToImage",
    "getAssociatedImage": "imageKey",
    "getAssociatedImagesList": "",
    "getBandInformation": "statistics kwargs",
    "getICCProfiles": "idx onlyInfo",
    "getInternalMetadata": "kwargs",
    "getLRUHash": "args kwargs",
    "getLevelForMagnification": "magnification exact mm_x mm_y rounding kwargs",
    "getMagnificationForLevel": "level",
    "getMetadata": "",
    "getNativeMagnification": "",
    "getOneBandInformation": "band",
    "getPixel": "includeTileRecord kwargs",
    "getPointAtAnotherScale": "point sourceScale sourceUnits targetScale targetUnits kwargs",
    "getPreferredLevel": "level",
    "getRegion": "format kwargs",
    "getRegionAtAnotherScale": "sourceRegion sourceScale targetScale targetUnits kwargs",
    "getSingleTile": "",
    "getSingleTileAtAnotherScale": "args kwargs",
    "getState": "",
    "getThumbnail": "width height",
    "getTile": "x y z pilImageAllowed numpyAllowed sparseFallback frame",
    "getTileCount": "",
    "getTileMimeType": "",
    "histogram": "dtype onlyMinMax bins density format",
    "tileFrames": "format frameList framesAcross",
    "tileIterator": "format resample kwargs",
    "tileIteratorAtAnotherScale": "sourceRegion sourceScale targetScale targetUnits kwargs",
    "wrapKey": "args kwargs",
}
FUNCTIONS = {
    "stylefuncs.maskPixelValues": "image context values negative positive",
    "tiledict.LazyTileDict": "tileInfo args kwargs",
    "tiledict.LazyTileDict.release": "self",
    "tiledict.LazyTileDict.setFormat": "self format resample imageKwargs",
    "utilities.ImageBytes": "source mimetype",
    "utilities.addPILFormatsToOutputOptions": "",
    "utilities.dictToEtree": "d root",
    "utilities.etreeToDict": "t",
    "utilities.getAvailableNamedPalettes": "includeColors reduced",
    "utilities.getPaletteColors": "value",
    "utilities.getTileFramesQuadInfo": "metadata options",
    "utilities.histogramThreshold": "histogram threshold fromMax",
    "utilities.isValidPalette": "value",
    "utilities.nearPowerOfTwo": "val1 val2 tolerance",
    "canRead": "path",
    "dictToEtree": "d root",
    "etreeToDict": "t",
    "getSourceNameFromDict": "availableSources pathOrUri",
    "getTileSource": "path encoding jpegQuality jpegSubsampling tiffCompression edge style",
    "nearPowerOfTwo": "val1 val2 tolerance",
    "new": "encoding jpegQuality jpegSubsampling tiffCompression edge",
    "open": "path encoding jpegQuality jpegSubsampling tiffCompression edge style",
}
WRITING = {
    "addTile": "tile x y mask interpretation",
    "write": "path lossy alpha overwriteAllowed vips_kwargs",
}
SINK_PROPERTIES = "bandFormat bandRanges crop minHeight minWidth mm_x mm_y newPriority origin"
ERRORS = {
    "TileGeneralError": Exception,
    "TileSourceError": tilesource.errors.TileGeneralError,
    "TileSourceAssetstoreError": tilesource.errors.TileSourceError,
    "TileSourceFileNotFoundError": FileNotFoundError,
    "TileSourceMalformedError": tilesource.errors.TileSourceError,
    "TileSourceXYZRangeError": tilesource.errors.TileSourceError,
    "TileCacheConfigurationError": tilesource.errors.TileCacheError,
}


def parameters(function: object) -> list[str]:
    return list(inspect.signature(function).parameters)


@pytest.mark.parametrize("kind", [tilesource.TileSource, tilesource.FileTileSource])
@pytest.mark.parametrize("name", METHODS)
def test_methods(kind: type, name: str) -> None:
    wanted = METHODS[name].split()
    assert [each for each in parameters(getattr(kind, name)) if each in wanted] == wanted


@pytest.mark.parametrize("path", FUNCTIONS)
def test_functions(path: str) -> None:
    module, _, rest = path.partition(".")
    found = importlib.import_module(f"tilesource.{module}") if rest else tilesource
    for name in (rest or path).split("."):
        found = getattr(found, name)
    wanted = FUNCTIONS[path].split()
    assert parameters(found)[: len(wanted)] == wanted


@pytest.mark.parametrize("name", WRITING)
def test_writing(name: str) -> None:
    wanted = WRITING[name].split()
    assert parameters(getattr(TileSink, name))[1 : len(wanted) + 1] == wanted


def test_attributes() -> None:
    for kind in (tilesource.TileSource, tilesource.FileTileSource):
        assert (kind.geospatial, set(kind.extensions), set(kind.mimeTypes)) == (
            False,
            {None},
            {None},
        )
    assert all(hasattr(TileSink, name) for name in SINK_PROPERTIES.split())
    assert isinstance(tilesource.utilities.ImageBytes.mimetype, property)


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name: str) -> None:
    assert issubclass(getattr(tilesource.exceptions, name), ERRORS[name])
