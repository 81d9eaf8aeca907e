"""The jars of the stand-in database: fetched once, checked against the lock file at each start."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from girder_tiles.embedded.errors import StartError

if TYPE_CHECKING:
    from jgo.env import LockFile

LOCK_FILE = Path(__file__).parent / "jars.lock"
FETCH_TIMEOUT_SECONDS = 60


def locked_jars(repository: Path) -> list[Path]:
    """Return the jars that the lock file names, fetching those which the repository lacks."""
    if find_spec("jgo") is None:
        raise StartError(
            "No database: the extra `embedded` is not installed. Install girder-tiles[embedded] "
            "or mongod, or set GIRDER_MONGO_URI."
        )
    # The extra may be missing, and it takes a third of a second to import.
    from jgo.env import LockFile  # noqa: PLC0415

    lock = LockFile.load(LOCK_FILE)
    with _alone_in(repository):
        jars = _fetch(lock, repository)
        problems = lock.verify_checksums(repository)
        if problems:
            _remove(jars)
            raise StartError(
                f"The database's jars differ from the lock file and were removed: {problems[0]}. "
                "Start again, install mongod, or set GIRDER_MONGO_URI."
            )
    return jars


def _fetch(lock: LockFile, repository: Path) -> list[Path]:
    from jgo.maven import MavenContext  # noqa: PLC0415  (as above)

    maven = MavenContext(repo_cache=repository, timeout=FETCH_TIMEOUT_SECONDS)
    try:
        return [
            maven.project(jar.groupId, jar.artifactId).at_version(jar.version).artifact().resolve()
            for jar in lock.dependencies
        ]
    except (OSError, RuntimeError) as exc:  # no network; not found
        raise StartError(
            f"The embedded database could not be fetched from Maven Central: {exc}. "
            "Connect this machine, install mongod, or set GIRDER_MONGO_URI."
        ) from exc


def _remove(jars: list[Path]) -> None:
    for jar in jars:
        jar.unlink(missing_ok=True)


@contextmanager
def _alone_in(repository: Path) -> Iterator[None]:
    """Keep other starts out: a jar that is being written looks like one that is there."""
    repository.mkdir(parents=True, exist_ok=True)
    with (repository / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
