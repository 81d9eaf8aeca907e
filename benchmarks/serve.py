"""Tile requests per second, against a bare ASGI app that sends the same bytes.

The bare app is the limit: what the same server, client and machine reach when nothing is done for
an answer. Girder telling an item, which every tile does first, shows what of it is Girder. Run with
`make bench`, or `python benchmarks/serve.py`.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import pyvips
import requests

from girder_tiles.embedded import Stack
from girder_tiles.embedded.addresses import free_port

SECONDS = 3.0
ROUNDS = 3
CONNECTIONS = (1, 8)
BARE_APP = """
import sys, uvicorn
from pathlib import Path
body = Path(sys.argv[2]).read_bytes()
headers = [(b"content-type", b"image/jpeg"), (b"content-length", str(len(body)).encode())]
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
"""


def main() -> None:
    """Print a table: what was asked for, how often a second, and the ratio to the limit."""
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder) / "state") as stack:
        url, token = upload_pyramid(stack, Path(folder))
        targets = {
            "the item, by Girder itself": f"{url}?token={token}",
            "stored tile, as it is": f"{url}/tiles/zxy/4/3/3?token={token}",
            "computed tile, from the cache": f"{url}/tiles/zxy/4/3/3?encoding=PNG&token={token}",
        }
        for name, target in targets.items():
            body = requests.get(target, timeout=60).content
            with bare_server(Path(folder) / "body", body) as limit:
                print_rows(f"{name}, {len(body):,} bytes", target, limit)


def upload_pyramid(stack: Stack, folder: Path) -> tuple[str, str]:
    """Put a pyramid of JPEG tiles into Girder; return the item's address and a token."""
    assert stack.site is not None
    pixels = pyvips.Image.gaussnoise(4096, 4096, mean=128, sigma=30).cast("uchar")
    path = folder / "pyramid.tif"
    pixels.bandjoin([pixels.rot90(), pixels.rot180()]).copy(interpretation="srgb").tiffsave(
        str(path), tile=True, tile_width=256, tile_height=256, pyramid=True, compression="jpeg"
    )
    client = stack.site.client()
    file = client.uploadFileToFolder(stack.site.folder_id, str(path))
    return f"{stack.api_url}/item/{file['itemId']}", client.token


@contextmanager
def bare_server(path: Path, body: bytes) -> Iterator[str]:
    """Serve the bytes with nothing but uvicorn, in a process of its own; yield its address."""
    path.write_bytes(body)
    port = free_port()
    server = subprocess.Popen([sys.executable, "-c", BARE_APP, str(port), str(path)])
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait()


def wait_for(port: int) -> None:
    """Return when something listens on the port."""
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("The bare server did not start.")


def print_rows(title: str, ours: str, limit: str) -> None:
    """Measure both in turns, so that a change of the machine's speed hits both."""
    print(f"\n{title}\n  connections   ours/s  limit/s  ratio")
    for connections in CONNECTIONS:
        rates = [
            (asyncio.run(rate(ours, connections)), asyncio.run(rate(limit, connections)))
            for _ in range(ROUNDS)
        ]
        own, bare = median(own for own, _ in rates), median(bare for _, bare in rates)
        ratio = median(own / bare for own, bare in rates)
        print(f"  {connections:11}  {own:7.0f}  {bare:7.0f}  {ratio:5.3f}", flush=True)


async def rate(url: str, connections: int) -> float:
    """Return the answers a second over keep-alive connections that ask again at once."""
    deadline = time.perf_counter() + SECONDS
    start = time.perf_counter()
    counts = await asyncio.gather(*(ask(url, deadline) for _ in range(connections)))
    return sum(counts) / (time.perf_counter() - start)


async def ask(url: str, deadline: float) -> int:
    """Return how many complete answers with status 200 came before the deadline."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    request = f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
    count = 0
    while time.perf_counter() < deadline:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"{url} answered {head[:60]!r}")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
        count += 1
    writer.close()
    await writer.wait_closed()
    return count


if __name__ == "__main__":
    main()
