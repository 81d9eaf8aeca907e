"""Many small pieces of one job, done by whoever has time: the caller, and one thread a core.

Codecs and resamplers release the interpreter lock, so threads keep every core busy. The caller
works too: a job whose turn has not come in the shared pool is done all the same, so that a small
request does not wait behind a large one, and jobs within jobs cannot wait for each other forever.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

_HELPERS = max((os.cpu_count() or 1) - 1, 1)
_POOL = ThreadPoolExecutor(_HELPERS, thread_name_prefix="tilesource-helper")

Piece = TypeVar("Piece")
Result = TypeVar("Result")


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
