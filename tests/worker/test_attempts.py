"""How often a task is tried."""

import uuid

import pytest
from celery.backends.redis import RedisBackend
from girder_worker.app import app

from girder_tiles_worker import attempts
from girder_tiles_worker.errors import ConversionFailed


@pytest.fixture
def backend(stack):
    backend = RedisBackend(url=stack.redis_url, app=app)
    yield backend
    backend.client.close()


def test_a_task_that_loses_each_worker_is_given_up(backend):
    task_id = uuid.uuid4().hex
    assert [attempts.count(backend, task_id) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(ConversionFailed, match="Given up after 3 attempts"):
        attempts.count(backend, task_id)
    assert backend.client.ttl(f"girder_tiles:attempts:{task_id}") > 0
