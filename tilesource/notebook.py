"""How a source shows itself in a notebook: a picture to drag and zoom, and its facts.

All of it is in the page: no server, and nothing fetched from elsewhere.
"""

from __future__ import annotations

import base64
import html
import uuid
from collections.abc import Mapping
from typing import Any

_FACTS = ("sizeX", "sizeY", "levels", "magnification", "mm_x", "mm_y", "dtype", "bandCount")

_PAGE = """
<div id="{id}" style="width:100%;max-width:{width}px;height:{height}px;overflow:hidden;
 border:1px solid #ccc;cursor:grab;position:relative;background:#f6f6f6">
 <img src="data:image/jpeg;base64,{image}" draggable="false" alt="{alt}"
  style="transform-origin:0 0;position:absolute;max-width:none">
</div>
<small>{facts}</small>
<script>
(() => {{
  const box = document.getElementById("{id}"), image = box.firstElementChild;
  let x = 0, y = 0, zoom = 1, last = null;
  const draw = () => {{ image.style.transform = `translate(${{x}}px,${{y}}px) scale(${{zoom}})`; }};
  box.addEventListener("wheel", (event) => {{
    event.preventDefault();
    const factor = event.deltaY < 0 ? 1.25 : 0.8, at = box.getBoundingClientRect();
    const cx = event.clientX - at.left, cy = event.clientY - at.top;
    x = cx - (cx - x) * factor; y = cy - (cy - y) * factor; zoom *= factor; draw();
  }}, {{ passive: false }});
  box.addEventListener("pointerdown", (event) => {{
    last = event; box.setPointerCapture(event.pointerId);
  }});
  box.addEventListener("pointermove", (event) => {{
    if (!last) return;
    x += event.clientX - last.clientX; y += event.clientY - last.clientY; last = event; draw();
  }});
  box.addEventListener("pointerup", () => {{ last = null; }});
}})();
</script>
"""


def viewer_html(jpeg: bytes, width: int, height: int, metadata: Mapping[str, Any]) -> str:
    """Return HTML that shows a JPEG of width x height pixels, to drag and zoom."""
    known = {name: metadata[name] for name in _FACTS if metadata.get(name) is not None}
    facts = ", ".join(f"{name} {value}" for name, value in known.items())
    return _PAGE.format(
        id=f"tiles-{uuid.uuid4().hex}", width=width, height=height, facts=html.escape(facts),
        alt="the whole image", image=base64.b64encode(jpeg).decode(),
    )  # fmt: skip
