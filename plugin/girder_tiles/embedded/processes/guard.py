"""Run one command, and end it with all its children when the parent lets go of a pipe.

Arguments: the pipe's file descriptor, a log file, the signal that asks the command to stop, the
seconds it has to do so, and the command. Prints the command's process id. The parent may die in
any way, SIGKILL too: the system then closes its end of the pipe. Run by path, so that nothing but
the standard library is imported.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from types import FrameType


def main() -> int:
    """Run the command to its end and return its exit code."""
    pipe, log, stop_signal, grace_seconds, *command = sys.argv[1:]
    child = start(command, log)
    print(child.pid, flush=True)

    def end() -> None:
        end_group(child, int(stop_signal), float(grace_seconds))

    def end_on_signal(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=end, daemon=True).start()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end_on_signal)
    threading.Thread(target=end_at_eof, args=(int(pipe), end), daemon=True).start()
    code = child.wait()
    signal_group(child.pid, signal.SIGKILL)  # children that outlived their parent
    return code if code >= 0 else 128 - code


def start(command: list[str], log: str) -> "subprocess.Popen[bytes]":
    """Start the command as the leader of its own process group, away from the terminal."""
    with open(log, "ab", buffering=0) as output:
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as exc:
            output.write(f"{exc}\n".encode())
            sys.exit(127)


def end_at_eof(pipe: int, end: Callable[[], None]) -> None:
    """Call `end` once nobody holds the pipe's write end any more."""
    while os.read(pipe, 1):
        continue
    end()


def end_group(child: "subprocess.Popen[bytes]", stop_signal: int, grace_seconds: float) -> None:
    """Ask the group to stop; after the grace period, make it."""
    signal_group(child.pid, stop_signal)
    try:
        child.wait(grace_seconds)
    except subprocess.TimeoutExpired:
        signal_group(child.pid, signal.SIGKILL)


def signal_group(group: int, number: int) -> None:
    """Signal every process of the group that is still there."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    sys.exit(main())
