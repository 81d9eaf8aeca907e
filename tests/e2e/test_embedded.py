"""The services start together, stop together, and leave nothing behind, however they end."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import redis
from jgo.env import LockFile
from PIL import Image

from girder_tiles.demo.run import _tell_of_ended
from girder_tiles.embedded import Stack, StartError
from girder_tiles.embedded.guarded_process import Command, GuardedProcess
from girder_tiles.embedded.jars import LOCK_FILE, locked_jars
from girder_tiles.embedded.service import Service, ServiceSpec
from girder_tiles.embedded.state import State

COMMAND = str(Path(sys.executable).with_name("girder-tiles"))
READY = "Stop with ctrl-C."
LIMIT_SECONDS = 90


def processes_of(state: Path) -> list[int]:
    """Return the processes that have the state folder in their arguments or environment."""
    name = os.fsencode(state)
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if name in words and int(process.name) != os.getpid():
            found.append(int(process.name))
    return found


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def test_a_service_that_has_ended_is_told_of(tmp_path: Path) -> None:
    command = Command(words=["sh", "-c", "exit 3"], log=tmp_path / "log", environment=os.environ)
    service = Service(
        ServiceSpec(
            name="web", description="The web server", address="", probe=lambda: None,
            ways_out="Start again.", command=command,
        )
    )  # fmt: skip
    service.check()
    service.start()
    wait_until(lambda: service.process.exit_code is not None, "no end")
    with pytest.raises(StartError, match="The web server has ended with exit code 3"):
        service.check()
    service.stop()


class Ended:
    """Stands in for a service that has ended by itself."""

    def check(self) -> None:
        raise StartError("It has ended.")


def test_the_demo_goes_on_without_redis_but_not_without_the_server(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told: set[str] = set()
    for _ in range(2):
        _tell_of_ended(SimpleNamespace(services={"redis": Ended()}), told)
    assert capsys.readouterr().out == "It has ended.\n"
    with pytest.raises(StartError):
        _tell_of_ended(SimpleNamespace(services={"web": Ended()}), told)


class Demo:
    """A `girder-tiles demo` that serves until it is told to stop."""

    def __init__(self, state: Path, image: Path) -> None:
        self.state, self._log = state, state.with_suffix(".out")
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [COMMAND, "demo", "--state", str(state), "--image", str(image)],
                stdout=log,
                stderr=log,
            )
        wait_until(lambda: READY in self.output or self.process.poll() is not None, "no start")
        assert self.process.poll() is None, self.output

    @property
    def output(self) -> str:
        return self._log.read_text()

    @property
    def item_id(self) -> str:
        return re.findall("#item/([0-9a-f]{24})", self.output)[0]

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(LIMIT_SECONDS)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "small.png"
    Image.linear_gradient("L").convert("RGB").save(path)
    return path


@pytest.fixture
def start_demo(state: Path, image: Path) -> Iterator[Callable[[], Demo]]:
    demos: list[Demo] = []

    def start() -> Demo:
        demos.append(Demo(state, image))
        return demos[-1]

    yield start
    for demo in demos:
        if demo.process.poll() is None:
            demo.end(signal.SIGKILL)


def run_demo(state: Path, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [COMMAND, "demo", "--once", "--state", str(state)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_signal_stops_everything(
    start_demo: Callable[[], Demo], state: Path, number: signal.Signals
) -> None:
    demo = start_demo()
    assert len(processes_of(state)) > 10  # five services, each with its guard, and the demo
    assert demo.end(number) == 0, demo.output
    assert processes_of(state) == []


def test_kill_9_leaves_nothing_running_and_the_next_start_finds_the_item(
    start_demo: Callable[[], Demo], state: Path
) -> None:
    first = start_demo()
    first.end(signal.SIGKILL)
    second = start_demo()  # waits until the services of the first have ended
    assert second.item_id == first.item_id
    second.end(signal.SIGKILL)
    wait_until(lambda: processes_of(state) == [], "services outlive kill -9")


def test_a_second_start_on_the_same_folder_is_refused(state: Path) -> None:
    lock = State(state).lock()
    try:
        result = run_demo(state, {})
    finally:
        os.close(lock)
    assert result.returncode == 1
    assert result.stderr.startswith(f"girder-tiles: {state} is in use by another start.")


def test_a_given_redis_that_does_not_answer_is_one_sentence(state: Path) -> None:
    url = f"redis://127.0.0.1:{closed_port()}/0"
    result = run_demo(state, {"GIRDER_TILES_REDIS_URL": url})
    assert result.returncode == 1
    assert f"Redis at {url} (GIRDER_TILES_REDIS_URL) does not answer" in result.stderr
    assert "unset GIRDER_TILES_REDIS_URL" in result.stderr
    assert "Traceback" not in result.stderr
    assert processes_of(state) == []


def test_a_broken_mongod_is_one_sentence_with_the_log(state: Path, tmp_path: Path) -> None:
    mongod = tmp_path / "bin" / "mongod"
    mongod.parent.mkdir()
    mongod.write_text("#!/bin/sh\necho cannot map memory\nexit 14\n")
    mongod.chmod(0o755)
    path = f"{mongod.parent}{os.pathsep}{os.environ['PATH']}"
    result = run_demo(state, {"PATH": path, "GIRDER_MONGO_URI": ""})
    assert result.returncode == 1
    assert "did not start: it ended with exit code 14 (cannot map memory)" in result.stderr
    assert str(state / "logs" / "database.log") in result.stderr
    assert "set GIRDER_MONGO_URI" in result.stderr
    assert processes_of(state) == []


def test_a_port_in_use_is_one_sentence(state: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(StartError, match=f"Port {port} is in use"):
            Stack(state, port=port).start()
    assert processes_of(state) == []


def test_a_jar_that_differs_from_the_lock_file_is_refused_and_removed(tmp_path: Path) -> None:
    for jar in LockFile.load(LOCK_FILE).dependencies:
        folder = tmp_path.joinpath(*jar.groupId.split("."), jar.artifactId, jar.version)
        folder.mkdir(parents=True)
        (folder / f"{jar.artifactId}-{jar.version}.jar").write_text("not the jar")
    with pytest.raises(StartError, match="differ from the lock file"):
        locked_jars(tmp_path)
    assert list(tmp_path.rglob("*.jar")) == []


def test_killed_services_start_again_at_their_address(own_stack: Stack) -> None:
    redis_service, worker = own_stack.services["redis"], own_stack.services["worker"]
    with redis.Redis.from_url(own_stack.redis_url) as client:
        client.set("kept", "yes")
    worker.kill()
    redis_service.kill()
    redis_service.restart()
    worker.restart()
    with redis.Redis.from_url(own_stack.redis_url) as client:
        assert client.get("kept") == b"yes"


def test_a_process_that_ignores_the_signal_is_killed_with_its_children(tmp_path: Path) -> None:
    script = "trap '' TERM; sh -c \"trap '' TERM; sleep 600\" & sleep 600"
    command = Command(
        words=["/bin/sh", "-c", script],
        log=tmp_path / "log",
        environment={**os.environ, "MARK": str(tmp_path)},
        grace_seconds=0.2,
    )
    process = GuardedProcess(command)
    # The guard, two shells, two sleeps.
    wait_until(lambda: len(processes_of(tmp_path)) == 5, "no start")
    process.stop()
    assert processes_of(tmp_path) == []
