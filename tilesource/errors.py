"""What can go wrong, one class a cause; the message names the value."""


class TileGeneralError(Exception):
    """Anything this library raises on purpose."""


class TileSourceError(TileGeneralError):
    """An image cannot be opened, read or rendered."""


class TileSourceAssetstoreError(TileSourceError):
    """The file is kept where it cannot be read from."""


class TileSourceFileNotFoundError(TileSourceError, FileNotFoundError):
    """There is no file at the path."""


class UnreadableFile(TileSourceError):
    """The file is not of the format that was asked to read it, or of a kind it does not know."""


class DamagedFile(TileSourceError):
    """The file is of the format, but cut or broken; no other format should guess at it."""


class InvalidRequest(TileSourceError):
    """The caller asks for something that does not make sense."""


class TileOutside(InvalidRequest):
    """The tile lies outside of the image."""


class TileCacheError(TileGeneralError):
    """Tiles cannot be kept."""


class TileCacheConfigurationError(TileCacheError):
    """The settings ask for a cache that there is not."""


class ConversionCanceled(TileGeneralError):
    """Somebody canceled the conversion; nothing was written."""


# The names that code written for older releases of the API imports.
TileGeneralException = TileGeneralError
TileSourceException = TileSourceError
TileSourceAssetstoreException = TileSourceAssetstoreError
