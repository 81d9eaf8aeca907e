"""Make a JPEG stream that stands alone out of one that a TIFF stores in two parts.

Source: TIFF Technical Note 2 (tables), ITU-T T.81 annex B (markers), ITU-T T.872 (Adobe APP14).
"""

_START = b"\xff\xd8"
_END = b"\xff\xd9"
# An Adobe marker whose last byte, the colour transform, is 0: the components are R, G and B.
_ADOBE_RGB = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"


def standalone(tile: bytes, tables: bytes | None, *, is_rgb: bool) -> bytes:
    """Return the tile with its shared tables, marked as RGB where no decoder could know it."""
    if not tile.startswith(_START):
        return tile
    shared = tables.removeprefix(_START).removesuffix(_END) if tables else b""
    marker = _ADOBE_RGB if is_rgb and b"Adobe\x00" not in tile[:64] else b""
    return _START + marker + shared + tile[len(_START) :]
