"""One running Girder for the whole test run, shared by all xdist workers; clients and folders."""

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock
from girder_client import GirderClient

from girder_tiles.embedded import Stack
from girder_tiles.embedded.mongo import describe_database
from girder_tiles.embedded.redis_server import describe_redis

# Set by the pytest process that controls the run; the xdist workers inherit it.
FOLDER_VARIABLE = "GIRDER_TILES_TEST_FOLDER"
START_SECONDS = 120
STOP_SECONDS = 60
USER_PASSWORD = "password2"


@dataclass(frozen=True)
class Address:
    """Where the shared services answer, and who may log in."""

    api_url: str
    mongo_uri: str
    redis_url: str
    login: str
    password: str
    folder_id: str
    state: str
    descriptions: dict[str, str]


class SharedFolder:
    """Where the run's processes meet: the services end when its pipe is closed."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="girder-tiles-test-"))
        os.mkfifo(self.path / "pipe")
        # Opened for both ends, else it would wait for a reader.
        self._pipe = os.open(self.path / "pipe", os.O_RDWR)

    def close(self) -> None:
        """Stop the services, if they were started, and remove the folder."""
        os.close(self._pipe)
        lock = self.path / "state" / "lock"
        if lock.exists():
            _wait_until_released(lock)
        shutil.rmtree(self.path)


def _wait_until_released(lock: Path) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    with lock.open("r+") as file:
        while time.monotonic() < deadline:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            time.sleep(0.1)
    raise TimeoutError(f"The services of {lock.parent} did not stop.")


SHARED = pytest.StashKey[SharedFolder]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the shared folder, in the controlling process alone."""
    if not hasattr(config, "workerinput"):
        config.stash[SHARED] = SharedFolder()
        os.environ[FOLDER_VARIABLE] = str(config.stash[SHARED].path)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the shared services."""
    shared = config.stash.get(SHARED, None)
    if shared is not None:
        shared.close()
        del os.environ[FOLDER_VARIABLE]


def pytest_report_header() -> list[str]:
    """Say which database and Redis the tests use."""
    return [f"database: {describe_database(os.environ)}", f"redis: {describe_redis(os.environ)}"]


@pytest.fixture(scope="session")
def stack() -> Address:
    """The shared services; whoever needs them first starts them."""
    folder = Path(os.environ[FOLDER_VARIABLE])
    announced = folder / "stack.json"
    with FileLock(folder / "starting"):
        if not announced.exists():
            _start(folder, announced)
    content = json.loads(announced.read_text(encoding="utf-8"))
    assert "error" not in content, content["error"]
    return Address(**content)


def _start(folder: Path, announced: Path) -> None:
    command = [sys.executable, "-m", "girder_tiles.embedded"]
    with (folder / "stack.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, folder / "state", announced, folder / "pipe"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while not announced.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((folder / "stack.log").read_text())
        time.sleep(0.1)
    # The pipe is what ends it, after this process maybe: Popen must not warn of a forgotten child.
    process.returncode = 0


@pytest.fixture(scope="session")
def admin(stack: Address) -> GirderClient:
    """A client of the administrator."""
    client = GirderClient(apiUrl=stack.api_url)
    client.authenticate(stack.login, stack.password)
    return client


@pytest.fixture(scope="session")
def second_user(stack: Address) -> GirderClient:
    """A client of a user with no rights but those everybody has."""
    login = f"user-{uuid.uuid4().hex[:12]}"
    client = GirderClient(apiUrl=stack.api_url)
    client.post(
        "user",
        data={
            "login": login,
            "email": f"{login}@localhost.localdomain",
            "firstName": "Second",
            "lastName": "User",
            "password": USER_PASSWORD,
        },
    )
    client.authenticate(login, USER_PASSWORD)
    return client


@pytest.fixture
def folder(admin: GirderClient) -> dict:
    """A new private folder of the administrator."""
    collection = admin.createCollection(f"test {uuid.uuid4().hex}", public=False)
    return admin.createFolder(collection["_id"], "files", parentType="collection", public=False)


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[Stack]:
    """Services of the test's own, to be killed and restarted."""
    with Stack(tmp_path / "state") as stack:
        yield stack
