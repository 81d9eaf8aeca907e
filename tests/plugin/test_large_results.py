"""Few large results are computed at once; small ones are not kept waiting."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from girder_tiles import large_results
from girder_tiles.errors import Busy
from girder_tiles.large_results import AT_ONCE, turn


def test_a_large_result_waits_for_its_turn_but_a_small_one_does_not():
    working, go = threading.Semaphore(0), threading.Event()

    def compute():
        with turn(5000, 5000):
            working.release()
            assert go.wait(20)

    with ThreadPoolExecutor(AT_ONCE + 1) as pool:
        computing = [pool.submit(compute) for _ in range(AT_ONCE + 1)]
        for _ in range(AT_ONCE):
            assert working.acquire(timeout=20)
        with turn(256, 256):
            assert not working.acquire(blocking=False)
        go.set()
        for each in computing:
            each.result(20)


def test_who_would_wait_too_long_is_told_so(monkeypatch):
    monkeypatch.setattr(large_results, "WAIT_SECONDS", 0.01)
    monkeypatch.setattr(large_results, "_TURNS", threading.BoundedSemaphore(1))
    with turn(5000, 5000), pytest.raises(Busy, match="Try again later"), turn(5000, 5000):
        pytest.fail("there was a turn")
    assert large_results._TURNS.acquire(blocking=False)  # it was given back
