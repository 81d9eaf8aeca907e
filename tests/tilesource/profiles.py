"""ICC profiles made on the spot, so that tests know what is in them.

Source: ICC.1:2001-04 (version 2.4), sections 6.1 (header), 6.2 (tags) and 6.5 (types).
"""

from __future__ import annotations

import struct

# The primaries of Adobe RGB, adapted to D50, in XYZ.
_PRIMARIES = {
    b"rXYZ": (0.60974, 0.31111, 0.01947),
    b"gXYZ": (0.20528, 0.62567, 0.06087),
    b"bXYZ": (0.14919, 0.06322, 0.74457),
}
_D50 = (0.9642, 1.0, 0.8249)


def rgb_profile(gamma: float = 1.8) -> bytes:
    """Return a profile of a wide RGB space, all three curves being one power."""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    tags = {name: _xyz(value) for name, value in _PRIMARIES.items()}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    return _profile(b"RGB ", b"XYZ ", tags)


def grey_profile() -> bytes:
    """Return a profile of linear grey."""
    return _profile(b"GRAY", b"XYZ ", {b"kTRC": b"curv\0\0\0\0" + struct.pack(">IH", 1, 256)})


def profile_by_intent() -> bytes:
    """Return a profile of RGB that is darker for each intent than for the one before."""
    tables = {b"A2B0": 1.0, b"A2B1": 0.8, b"A2B2": 0.6}
    return _profile(b"RGB ", b"Lab ", {name: _table(share) for name, share in tables.items()})


def _table(share: float) -> bytes:
    """Return a table of two steps a channel: the lightness is a share of the channels' mean."""
    corners = [(red, green, blue) for red in (0, 1) for green in (0, 1) for blue in (0, 1)]
    lab = b"".join(bytes([round(85 * sum(corner) * share), 128, 128]) for corner in corners)
    unit = b"".join(_fixed(each) for each in (1, 0, 0, 0, 1, 0, 0, 0, 1))
    same = bytes(range(256)) * 3
    return b"mft1\0\0\0\0" + bytes([3, 3, 2, 0]) + unit + same + lab + same


def _profile(space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    name = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"Test\0" + bytes(78)
    tags = {b"desc": name, b"cprt": b"text\0\0\0\0none\0", b"wtpt": _xyz(_D50), **tags}
    table, data, start = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for tag, content in tags.items():
        table += tag + struct.pack(">II", start + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    size = 128 + len(table) + len(data)
    head = struct.pack(">I4sI4s4s4s", size, b"none", 0x02400000, b"scnr", space, connection)
    head += struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    head += b"".join(_fixed(each) for each in _D50)
    return head.ljust(128, b"\0") + table + data


def _xyz(value: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(_fixed(each) for each in value)


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))
