"""A process that cannot outlive this one."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

PROCESSES = Path(__file__).parent / "processes"


@dataclass(frozen=True, kw_only=True)
class Command:
    """What to run, and how it wants to be stopped."""

    words: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = Path("/")
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 10.0


class GuardedProcess:
    """A command under a guard, which ends it when this process ends, in whatever way.

    File descriptors in `held` stay open until the command and its children have ended.
    """

    def __init__(self, command: Command, held: Sequence[int] = ()) -> None:
        self._command = command
        read_end, write_end = os.pipe()  # not inheritable: no sibling keeps the write end open
        self._write_end: int | None = write_end
        try:
            self._guard = _start_guard(command, read_end, held)
        finally:
            os.close(read_end)
        assert self._guard.stdout is not None
        with self._guard.stdout as output:
            self.pid = int(output.readline() or 0)  # 0: there is no such command

    @property
    def exit_code(self) -> int | None:
        """The command's exit code, None while it runs."""
        return self._guard.poll()

    def let_go(self) -> None:
        """Ask the guard to end the command; returns at once."""
        if self._write_end is not None:
            os.close(self._write_end)
            self._write_end = None

    def stop(self) -> None:
        """End the command and all its children."""
        self.let_go()
        self._guard.wait()

    def kill(self) -> None:
        """Send SIGKILL to the command and all its children."""
        if self.exit_code is None:
            with suppress(ProcessLookupError):  # it ended just now
                os.killpg(self.pid, signal.SIGKILL)
        self.stop()


def _start_guard(command: Command, read_end: int, held: Sequence[int]) -> "subprocess.Popen[str]":
    guard = [
        *(sys.executable, str(PROCESSES / "guard.py"), str(read_end), str(command.log)),
        *(str(int(command.stop_signal)), str(command.grace_seconds)),
    ]
    return subprocess.Popen(
        [*guard, *command.words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        env=dict(command.environment),
        cwd=command.folder,
        pass_fds=(read_end, *held),
        start_new_session=True,  # ctrl-C in the terminal is for this process alone
    )
