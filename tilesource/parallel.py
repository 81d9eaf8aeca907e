"""Many small pieces of one job, done by whoever has time: the caller, and one thread a core.

Codecs and resamplers release the interpreter lock, so threads keep every core busy. The caller
works too: a job whose turn has not come in the shared pool is done all the same, so that a small
request does not wait behind a large one, and jobs within jobs cannot wait for each other forever.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import ParamSpec, TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")


class Pool:
    """Threads that start when there is work, in a forked process anew: a fork copies no threads."""

    def __init__(self, threads: int, name: str) -> None:
        self._threads = threads
        self._name = name
        self._start()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._start)

    def submit(
        self,
        work: Callable[Arguments, Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Future[Result]:
        """Have a thread call a function, when one is free."""
        return self._executor.submit(work, *args, **kwargs)

    def _start(self) -> None:
        name = f"tilesource-{self._name}"
        self._executor = ThreadPoolExecutor(self._threads, thread_name_prefix=name)


_HELPERS = max((os.cpu_count() or 1) - 1, 1)
_POOL = Pool(_HELPERS, "helper")


def each(work: Callable[[Piece], Result], pieces: Sequence[Piece]) -> list[Result]:
    """Return what is made of each piece, in their order; raise what the first to fail raised."""
    results: dict[int, Result] = {}
    waiting = iter(range(len(pieces)))  # whoever is free takes the next

    def take() -> None:
        try:
            for number in waiting:
                results[number] = work(pieces[number])
        finally:
            deque(waiting, maxlen=0)  # after a failure there is nothing more to do

    helpers = [_POOL.submit(take) for _ in range(min(_HELPERS, len(pieces) - 1))]
    try:
        take()
    finally:
        running = [helper for helper in helpers if not helper.cancel()]
        wait(running)
    for helper in running:
        helper.result()
    return [results[number] for number in range(len(pieces))]
