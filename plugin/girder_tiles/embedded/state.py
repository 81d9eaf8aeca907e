"""The folder with all that outlives a start: database, Redis, assetstore, password and logs."""

import fcntl
import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path

from girder_tiles.embedded.errors import StartError

LEFT_OVER_SECONDS = 30.0


class State:
    """A state folder that one start at a time may use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        for name in ("assetstore", "logs"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    @property
    def assetstore(self) -> Path:
        """Where Girder keeps the files."""
        return self.folder / "assetstore"

    def lock(self) -> int:
        """Return a descriptor that keeps other starts out until all its copies are closed."""
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _take(descriptor, self.folder)
        except StartError:
            os.close(descriptor)
            raise
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        return descriptor

    def password(self, environment: Mapping[str, str]) -> str:
        """Return the administrator's password: the given one, else one made at the first start."""
        if given := environment.get("GIRDER_TILES_DEMO_PASSWORD"):
            return given
        path = self.folder / "admin-password"
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "w", encoding="utf-8") as file:
                file.write(secrets.token_urlsafe(12))
        return path.read_text(encoding="utf-8")

    def web_port(self) -> int | None:
        """Return the web server's port of the last start: links to it stay good."""
        path = self.folder / "web-port"
        return int(path.read_text()) if path.exists() else None

    def keep_web_port(self, port: int) -> None:
        """Remember the web server's port for the next start."""
        (self.folder / "web-port").write_text(str(port))


def _take(descriptor: int, folder: Path) -> None:
    deadline = time.monotonic() + LEFT_OVER_SECONDS
    while not _try_lock(descriptor):
        # The services of a start that was killed hold the lock until they have ended.
        if _is_alive(os.pread(descriptor, 32, 0)) or time.monotonic() > deadline:
            raise StartError(
                f"{folder} is in use by another start. Stop that one, or give --state DIR."
            )
        time.sleep(0.1)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(owner: bytes) -> bool:
    try:
        os.kill(int(owner or b"0"), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return owner != b""
