"""The database: a given MongoDB, a `mongod` of this machine, or the stand-in on H2."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from girder_tiles.embedded.addresses import HOST, free_port, without_password
from girder_tiles.embedded.guarded_process import PROCESSES, Command
from girder_tiles.embedded.jars import locked_jars
from girder_tiles.embedded.service import Probe, ServiceSpec

DATABASE = "girder"
PROBE_TIMEOUT_MS = 1000


def database(state: Path, environment: Mapping[str, str]) -> ServiceSpec:
    """Return the first database that is there."""
    if uri := environment.get("GIRDER_MONGO_URI"):
        return _given(uri)
    if mongod := shutil.which("mongod", path=environment.get("PATH")):
        return _mongod(mongod, state, environment)
    return _stand_in(state, environment)


def describe_database(environment: Mapping[str, str]) -> str:
    """Return what `database` would take, in words."""
    if uri := environment.get("GIRDER_MONGO_URI"):
        return f"MongoDB at {without_password(uri)} (GIRDER_MONGO_URI)"
    if mongod := shutil.which("mongod", path=environment.get("PATH")):
        return f"MongoDB ({mongod})"
    return "mongo-java-server on H2 (embedded)"


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return where downloads are kept for all states."""
    base = environment.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base) / "girder-tiles"


def _given(uri: str) -> ServiceSpec:
    return ServiceSpec(
        name="database",
        description=f"MongoDB at {without_password(uri)} (GIRDER_MONGO_URI)",
        address=uri,
        probe=_probe(uri),
        ways_out="Start it, or unset GIRDER_MONGO_URI to use an embedded database.",
        limit_seconds=5,
    )


def _mongod(mongod: str, state: Path, environment: Mapping[str, str]) -> ServiceSpec:
    folder, port = state / "mongod", free_port()
    folder.mkdir(exist_ok=True)
    options = ["--bind_ip", HOST, "--port", str(port), "--dbpath", str(folder), "--nounixsocket"]
    return _own(
        description=f"MongoDB ({mongod})",
        port=port,
        command=_command([mongod, *options], state, environment),
        ways_out="Repair mongod, take it off PATH for the embedded one, or set GIRDER_MONGO_URI.",
    )


def _stand_in(state: Path, environment: Mapping[str, str]) -> ServiceSpec:
    folder, port = state / "h2", free_port()
    folder.mkdir(exist_ok=True)
    jars = locked_jars(cache_folder(environment) / "jars")
    words = [sys.executable, str(PROCESSES / "h2_database.py"), str(port), str(folder / "girder")]
    return _own(
        description="mongo-java-server on H2 (embedded)",
        port=port,
        command=_command([*words, *map(str, jars)], state, environment),
        ways_out="Install mongod, or set GIRDER_MONGO_URI.",
    )


def _command(words: list[str], state: Path, environment: Mapping[str, str]) -> Command:
    log = state / "logs" / "database.log"
    return Command(words=words, log=log, environment=environment, folder=state)


def _own(*, description: str, port: int, command: Command, ways_out: str) -> ServiceSpec:
    uri = f"mongodb://{HOST}:{port}/{DATABASE}"
    return ServiceSpec(
        name="database",
        description=description,
        address=uri,
        probe=_probe(uri),
        ways_out=ways_out,
        command=command,
    )


def _probe(uri: str) -> Probe:
    def ping() -> str | None:
        try:
            client: MongoClient[dict[str, Any]]
            with MongoClient(uri, serverSelectionTimeoutMS=PROBE_TIMEOUT_MS) as client:
                client.admin.command("ping")
        except PyMongoError as exc:
            return str(exc).split(",", maxsplit=1)[0]
        return None

    return ping
