"""What a request can fail of, and the one table from errors to status codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from girder.exceptions import RestException

from tilesource.errors import TileGeneralError, TileOutside, TileSourceFileNotFoundError


class NotFound(TileGeneralError):
    """There is no such item or associated image."""


class NotAnImage(TileGeneralError):
    """The item has no image, or none yet."""


class NotServable(TileGeneralError):
    """The file is an image, but not one that can be served well."""


class AlreadyAnImage(TileGeneralError):
    """The item has an image, or is about to get one."""


class NotLocal(TileGeneralError):
    """The file is kept where its bytes cannot be read as a local file."""


class BadParameter(TileGeneralError):
    """A parameter of the request has a value that makes no sense."""


class Busy(TileGeneralError):
    """The server has as much to compute as it can hold."""


STATUS: tuple[tuple[type[TileGeneralError], int], ...] = (
    (NotFound, 404),
    (TileOutside, 404),
    (TileSourceFileNotFoundError, 404),
    (Busy, 503),
    (TileGeneralError, 400),
)
"""The first class that fits decides."""


def status_of(error: TileGeneralError) -> int:
    """Return the HTTP status that tells a client of the error."""
    return next(status for cause, status in STATUS if isinstance(error, cause))


@contextmanager
def rest_errors() -> Iterator[None]:
    """Turn the errors raised inside into answers that Girder sends."""
    try:
        yield
    except TileSourceFileNotFoundError as exc:  # its message names a path of the server
        raise RestException("The file of this image is missing.", code=status_of(exc)) from exc
    except TileGeneralError as exc:
        raise RestException(str(exc), code=status_of(exc)) from exc
