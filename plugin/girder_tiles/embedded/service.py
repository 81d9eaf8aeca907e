"""One service: a process of ours, or an address where somebody else runs it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from girder_tiles.embedded.errors import StartError
from girder_tiles.embedded.guarded_process import Command, GuardedProcess

# Returns None once the service answers, else why it does not.
Probe = Callable[[], "str | None"]

POLL_SECONDS = 0.05


@dataclass(frozen=True, kw_only=True)
class ServiceSpec:
    """What a service is, how it is started (no command: it runs elsewhere) and how it is asked."""

    name: str
    description: str
    address: str
    probe: Probe
    ways_out: str
    command: Command | None = None
    limit_seconds: float = 60.0


class Service:
    """A service that can be started, stopped, killed and started again at the same address."""

    def __init__(self, spec: ServiceSpec, held: Sequence[int] = ()) -> None:
        self.spec = spec
        self.process: GuardedProcess | None = None
        self._held = tuple(held)

    @property
    def name(self) -> str:
        """What the service is called in the stack."""
        return self.spec.name

    @property
    def address(self) -> str:
        """Where the service answers: a URL, or a Celery node name."""
        return self.spec.address

    def start(self) -> None:
        """Start the process, if it is ours; does not wait until it answers."""
        if self.spec.command is not None:
            self.process = GuardedProcess(self.spec.command, self._held)

    def wait_ready(self) -> None:
        """Wait until the service answers; raise StartError if it does not."""
        deadline = time.monotonic() + self.spec.limit_seconds
        while (reason := self.spec.probe()) is not None:
            if self.process is not None and self.process.exit_code is not None:
                raise self._start_error(f"it ended with exit code {self.process.exit_code}")
            if time.monotonic() > deadline:
                raise self._start_error(reason)
            time.sleep(POLL_SECONDS)

    def check(self) -> None:
        """Raise StartError if the process has ended by itself."""
        command = self.spec.command
        if command and self.process is not None and self.process.exit_code is not None:
            raise StartError(
                f"{self.spec.description} has ended with exit code {self.process.exit_code}. "
                f"See {command.log}. {self.spec.ways_out}"
            )

    def let_go(self) -> None:
        """Ask the process to stop; returns at once."""
        if self.process is not None:
            self.process.let_go()

    def stop(self) -> None:
        """Stop the process and all its children."""
        if self.process is not None:
            self.process.stop()
            self.process = None

    def kill(self) -> None:
        """Send SIGKILL to the process and all its children."""
        if self.process is not None:
            self.process.kill()
            self.process = None

    def restart(self) -> None:
        """Stop the process if it runs, start it again and wait until it answers."""
        self.stop()
        self.start()
        self.wait_ready()

    def _start_error(self, reason: str) -> StartError:
        spec = self.spec
        if spec.command is None:
            return StartError(f"{spec.description} does not answer: {reason}. {spec.ways_out}")
        last_words = _last_line(spec.command.log)
        return StartError(
            f"{spec.description} did not start: {reason}"
            f"{f' ({last_words})' if last_words else ''}. "
            f"See {spec.command.log}. {spec.ways_out}"
        )


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    return next((line.strip()[:200].rstrip(".") for line in reversed(lines) if line.strip()), "")
