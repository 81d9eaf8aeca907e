"""Print what a library says of images, one line of JSON each; see compare_formats.py.

python format_probes.py large_image|tilesource image ...
"""

from __future__ import annotations

import importlib
import json
import logging
import sys
import warnings
from typing import Any

import numpy as np

KEYS = ("sizeX", "sizeY", "tileWidth", "tileHeight", "levels", "magnification", "mm_x", "mm_y",
        "dtype", "bandCount", "IndexRange", "IndexStride", "channels")  # fmt: skip
FRAME_KEYS = ("Frame", "Index", "IndexC", "IndexZ", "IndexT", "IndexXY", "Channel")


def told(library: Any, path: str) -> dict[str, Any]:
    try:
        return facts_of(library.open(path))
    except Exception as exc:  # noqa: BLE001 - the other library raises anything
        return {"refused": f"{type(exc).__name__}: {exc}"[:200]}


def facts_of(source: Any) -> dict[str, Any]:
    facts = source.getMetadata()
    said: dict[str, Any] = {key: facts.get(key) for key in KEYS}
    said["frames"] = [
        {key: frame[key] for key in FRAME_KEYS if key in frame} for frame in facts.get("frames", [])
    ]
    pixels, _ = source.getRegion(format="numpy")
    said["colours"] = [round(float(mean), 3) for mean in np.atleast_3d(pixels).mean(axis=(0, 1))]
    said["corner"] = [float(value) for value in np.atleast_3d(pixels)[0, 0]]
    return said | {"associated": source.getAssociatedImagesList(), "read by": source.name}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    library = importlib.import_module(sys.argv[1])
    for path in sys.argv[2:]:
        print(json.dumps([path, told(library, path)], default=str), flush=True)
