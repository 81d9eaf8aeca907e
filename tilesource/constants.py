"""Names of the documented API that carry a value."""

import enum

TILE_FORMAT_IMAGE = "image"
TILE_FORMAT_PIL = "PIL"
TILE_FORMAT_NUMPY = "numpy"

NEW_IMAGE_PATH_FLAG = "__new_image__"
PROJECTION_SENTINEL = "__default__"


class SourcePriority(enum.IntEnum):
    """How well a format suits a file: the lowest value that can read it wins."""

    NAMED = 0
    PREFERRED = 1
    HIGHER = 2
    HIGH = 3
    MEDIUM = 4
    LOW = 5
    LOWER = 6
    IMPLICIT_HIGH = 7
    IMPLICIT = 8
    IMPLICIT_LOW = 9
    FALLBACK_HIGH = 10
    FALLBACK = 11
    MANUAL = 12


# Encodings and their MIME types; addPILFormatsToOutputOptions adds those that Pillow has.
TileOutputMimeTypes = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "TIFF": "image/tiff",
    "TILED": "image/tiff",
    "JFIF": "image/jpeg",
}
# Other names of encodings, and extensions of files, under the names that Pillow has for them.
TileOutputPILFormat = {"JFIF": "JPEG"}

# Units of regions, by all the names that they may be given.
TileInputUnits: dict[str | None, str] = {
    None: "base_pixels",
    **dict.fromkeys(("base", "base_pixel", "base_pixels"), "base_pixels"),
    **dict.fromkeys(("pixel", "pixels", "mag_pixel", "mag_pixels"), "mag_pixels"),
    **dict.fromkeys(("magnification_pixel", "magnification_pixels"), "mag_pixels"),
    **dict.fromkeys(("nm", "nanometer", "nanometers"), "nm"),
    **dict.fromkeys(("um", "\u03bcm", "\u00b5m", "micrometer", "micrometers"), "um"),
    **dict.fromkeys(("micron", "microns"), "um"),
    **dict.fromkeys(("mm", "millimeter", "millimeters"), "mm"),
    **dict.fromkeys(("m", "meter", "meters"), "m"),
    **dict.fromkeys(("km", "kilometer", "kilometers"), "km"),
    "fraction": "fraction",
    **dict.fromkeys(("projection", "proj"), "projection"),
    **dict.fromkeys(("wgs84", "4326"), "proj4:EPSG:4326"),
}

# What libvips calls the types of pixels that numpy has letters for.
dtypeToGValue = {
    "b": "char", "B": "uchar", "d": "double", "D": "dpcomplex", "f": "float", "F": "complex",
    "h": "short", "H": "ushort", "i": "int", "I": "uint",
}  # fmt: skip
GValueToDtype = {name: letter for letter, name in dtypeToGValue.items()}

# MIME types of image files that the standard library may not know.
ExtraExtensionsToMimetypes = {
    "adf": "image/x-esri-grid", "apng": "image/apng", "bil": "image/x-envi-bil",
    "bip": "image/x-envi-bip", "cr2": "image/x-canon-cr2", "dds": "image/x-dds",
    "dem": "image/x-usgs-dem", "ers": "image/x-erdas-ers", "exr": "image/x-exr",
    "fit": "image/fits", "fits": "image/fits", "flc": "image/x-autodesk-flc",
    "fli": "image/x-autodesk-fli", "flt": "image/x-flt", "grd": "image/x-surfer-grd",
    "hdr": "image/x-hdr", "img": "image/x-erdas-hfa", "lan": "image/x-erdas-lan",
    "lei": "image/x-leica-lei", "lif": "image/x-leica-lif", "lsm": "image/x-zeiss-lsm",
    "mng": "image/x-mng", "mrw": "image/x-minolta-mrw", "ndpi": "image/x-ndpi",
    "nef": "image/x-nikon-nef", "oib": "image/x-olympus-oib", "oir": "image/x-olympus-oir",
    "pbm": "image/x-portable-bitmap", "pgm": "image/x-portable-graymap",
    "pict": "image/x-pict", "pix": "image/x-pcidsk", "ppm": "image/x-portable-pixmap",
    "qoi": "image/qoi", "ras": "image/x-cmu-raster", "rgb": "image/x-rgb",
    "rgba": "image/x-rgba", "sid": "image/x-mrsid", "stk": "image/x-metamorph-stk",
    "svg": "image/svg+xml", "svs": "image/x-svs", "ter": "image/x-terragen-terrain",
    "zif": "image/zif", "zvi": "image/x-zeiss-zvi",
}  # fmt: skip
