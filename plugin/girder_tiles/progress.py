"""A line on the terminal that says how far something is."""

import sys


class ProgressLine:
    """Rewrites one line on a terminal; elsewhere writes a line for each tenth."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._steps = 100 if sys.stdout.isatty() else 10
        self._shown = -1

    def show(self, share: float) -> None:
        """Show the share, 0 to 1, if it differs from the one on screen."""
        step = int(share * self._steps)
        if step != self._shown:
            self._shown = step
            start, end = ("\r", "") if sys.stdout.isatty() else ("", "\n")
            print(f"{start}{self._label} {share:4.0%}", end=end, flush=True)

    def end(self) -> None:
        """Leave the line."""
        if sys.stdout.isatty() and self._shown >= 0:
            print(flush=True)
