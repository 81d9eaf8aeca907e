"""The web server: Girder with all installed plugins."""

import sys
from collections.abc import Mapping
from pathlib import Path

import requests

from girder_tiles.embedded.addresses import HOST
from girder_tiles.embedded.guarded_process import Command
from girder_tiles.embedded.service import Probe, ServiceSpec

PROBE_TIMEOUT_SECONDS = 5.0


def web_server(state: Path, port: int, environment: Mapping[str, str]) -> ServiceSpec:
    """Return the web server at a port of this machine."""
    address = f"http://{HOST}:{port}"
    girder = str(Path(sys.executable).with_name("girder"))
    # Girder's default mode watches the sources and hands tracebacks to clients.
    options = ["--mode", "production", "--host", HOST, "--port", str(port)]
    return ServiceSpec(
        name="web",
        description="The web server",
        address=address,
        probe=_probe(f"{address}/api/v1/system/version"),
        ways_out="Mend what the log says, and start again.",
        command=Command(
            words=[girder, "serve", *options],
            log=state / "logs" / "web.log",
            environment=environment,
            folder=state,
        ),
    )


def _probe(url: str) -> Probe:
    def get() -> str | None:
        try:
            requests.get(url, timeout=PROBE_TIMEOUT_SECONDS).raise_for_status()
        except requests.ConnectionError:
            return f"nobody listens at {url}"
        except requests.RequestException as exc:
            return str(exc)
        return None

    return get
