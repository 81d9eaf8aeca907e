"""A living worker renews what it works on."""

from types import SimpleNamespace

import pytest
import redis
from celery import Celery

from girder_tiles_worker import TilesWorkerPlugin, lost_workers
from girder_tiles_worker.settings import worker_settings


class Timer:
    """Stands in for the worker's timer; remembers what it was asked to call."""

    def call_repeatedly(self, seconds, function):
        self.seconds, self.function = seconds, function


@pytest.fixture
def cache(stack):
    with redis.Redis.from_url(stack.redis_url) as cache:
        yield cache
        cache.delete("test_unacked_index")


def test_the_messages_in_work_are_renewed_and_no_others(cache):
    cache.zadd("test_unacked_index", {"mine": 1, "of-another-worker": 2})
    channel = SimpleNamespace(conn_or_acquire=lambda: redis.Redis(connection_pool=pool))
    pool = cache.connection_pool
    channel.qos = SimpleNamespace(
        _delivered={"mine": None, "acknowledged": None},
        unacked_index_key="test_unacked_index",
        channel=channel,
    )
    timer = Timer()
    consumer = SimpleNamespace(channel=channel)
    lost_workers.keep_visible(SimpleNamespace(timer=timer, task_consumer=consumer))
    timer.function()
    scores = dict(cache.zrange("test_unacked_index", 0, -1, withscores=True))
    assert timer.seconds < worker_settings().visibility_timeout
    assert set(scores) == {b"mine", b"of-another-worker"}
    assert scores[b"of-another-worker"] == 2
    assert scores[b"mine"] > 1e9


def test_a_worker_that_is_killed_while_it_looks_for_lost_work_does_not_lock_it_for_long():
    app = Celery(set_as_current=False)
    TilesWorkerPlugin(app)
    options = app.conf.broker_transport_options
    assert options["unacked_mutex_expire"] <= options["visibility_timeout"]
