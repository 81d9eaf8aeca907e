"""Send an image as browsers and viewers like it: with its type, validator and file name."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

import cherrypy
from girder.api.rest import setRawResponse, setResponseHeader

from girder_tiles import serving
from girder_tiles.describe import Values
from girder_tiles.errors import rest_errors
from girder_tiles.files import Document
from girder_tiles.image_requests import ImageRequest
from tilesource.cache.images import CachedImage

EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/tiff": "tiff", "image/webp": "webp"}


def send(item: Document | None, request: ImageRequest, disposition: Values | None = None) -> bytes:
    """Answer a request on an item that the user may read."""
    with rest_errors():
        stored = serving.ready_image(item)
        etag = stored.etag(request)
        if _has_already(etag):
            return _send_not_modified(etag)
        image = serving.render(stored, request)
    return _send_image(item, image, etag, disposition or {})


def _has_already(etag: str) -> bool:
    known = cherrypy.request.headers.get("If-None-Match", "")
    return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in known.split(","))


def _send_not_modified(etag: str) -> bytes:
    cherrypy.response.status = 304
    _set_validity(etag)
    setRawResponse()
    return b""


def _send_image(item: Document | None, image: CachedImage, etag: str, disposition: Values) -> bytes:
    if item and disposition.get("contentDisposition"):
        name = disposition["contentDispositionFilename"] or _file_name(item, image.mime)
        kind = disposition["contentDisposition"]
        setResponseHeader("Content-Disposition", content_disposition(kind, name))
    setResponseHeader("Content-Type", image.mime)
    _set_validity(etag)
    setRawResponse()  # last: an error after it would be sent raw, too
    return image.data


def _set_validity(etag: str) -> None:
    headers = cherrypy.response.headers
    for name in ("Pragma", "Expires"):  # Girder forbids caching on all its answers
        headers.pop(name, None)
    # Kept, but asked for again: access may be taken away, and a file's content be replaced.
    setResponseHeader("Cache-Control", "private, no-cache")
    setResponseHeader("ETag", etag)
    setResponseHeader("Vary", "Cookie, Girder-Token")  # two users may share a browser


def content_disposition(kind: str, name: str) -> str:
    """Return the header of RFC 6266 for any name; Girder's own fails on letters such as ß."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^ !#-\[\]-~]", "_", letters)  # no quotes, backslashes, control characters
    exact = f"; filename*=UTF-8''{quote(name, safe='', errors='replace')}" if plain != name else ""
    return f'{kind}; filename="{plain}"{exact}'


def _file_name(item: Document, mime: str) -> str:
    return f"{item['name']}.{EXTENSIONS.get(mime, 'bin')}"
