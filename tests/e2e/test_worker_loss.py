"""Conversions that do not go well: lost workers, cancels, failures, a broker that is away."""

import time

import pytest
import redis

from girder_tiles.embedded import Stack
from tests.e2e.items import OVER, fetch, job_of, pixels, upload, wait_for_job, wait_until
from tests.e2e.slides import write_photo

SUCCESS, ERROR, CANCELED = 3, 4, 5
RUNNING = 2
VISIBILITY_SECONDS = 2


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    write_photo(path)
    return path


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    """Services whose workers take over soon, and leave nothing in a folder that is watched."""
    folder = tmp_path_factory.mktemp("services")
    (folder / "work").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIRDER_TILES_VISIBILITY_TIMEOUT", str(VISIBILITY_SECONDS))
        patch.setenv("GIRDER_TILES_TMP", str(folder / "work"))
        with Stack(folder / "state") as stack:
            yield stack


@pytest.fixture
def work(services):
    """The folder in which the workers work: empty after each test."""
    folder = services.state.folder.parent / "work"
    yield folder
    wait_until(lambda: not list(folder.iterdir()), "the workers clean up", limit=30)


@pytest.fixture
def client(services):
    return services.site.client()


@pytest.fixture
def target(services):
    return {"_id": services.site.folder_id}


def under_way(client, job):
    """Return whether the worker has begun to convert."""
    found = client.get(f"job/{job['_id']}")
    assert found["status"] in (0, 1, RUNNING), found["log"]
    return bool((found["progress"] or {}).get("current"))


def log_of(job):
    return "".join(job["log"])


def assert_untouched(client, item, path):
    """Assert that the item is as it was before the conversion."""
    assert "largeImage" not in client.getItem(item)
    (file,) = client.listFile(item)
    assert (file["name"], file["size"]) == (path.name, path.stat().st_size)


def test_a_worker_that_is_killed(services, client, target, photo, work):
    item = upload(client, target, photo)
    job = job_of(client, item)
    wait_until(lambda: under_way(client, job), "the conversion begins")
    services.services["worker"].kill()
    assert client.get(f"job/{job['_id']}")["status"] == RUNNING
    services.services["worker"].restart()
    job = wait_for_job(client, job["_id"])
    assert job["status"] == SUCCESS, log_of(job)
    assert "Attempt 2" in log_of(job)
    assert {file["name"] for file in client.listFile(item)} == {"photo.png", "photo.tiff"}
    assert pixels(fetch(client, f"item/{item}/tiles/zxy/0/0/0")).shape == (256, 256, 3)


def oldest_message(cache):
    """Return for how many seconds the oldest message in work has not been renewed."""
    taken = [score for _, score in cache.zrange("unacked_index", 0, 0, withscores=True)]
    return time.time() - min(taken, default=time.time())


def test_a_conversion_that_outlasts_the_timeout_runs_once(
    services, client, target, tmp_path, work
):
    write_photo(tmp_path / "long.png", 16000, 12000)
    item = upload(client, target, tmp_path / "long.png")
    job_id, ages = job_of(client, item)["_id"], []
    with redis.Redis.from_url(services.redis_url) as cache:

        def over():
            ages.append(oldest_message(cache))
            return client.get(f"job/{job_id}")["status"] in OVER

        wait_until(over, "the job ends")
    job = client.get(f"job/{job_id}")
    assert job["status"] == SUCCESS, log_of(job)
    assert 0 < max(ages) < VISIBILITY_SECONDS
    assert len(list(client.listFile(item))) == 2


def test_a_cancel_while_converting(client, target, photo, work):
    item = upload(client, target, photo)
    job = job_of(client, item)
    wait_until(lambda: under_way(client, job), "the conversion begins")
    client.put(f"job/{job['_id']}/cancel")
    assert "largeImage" not in client.getItem(item)
    assert wait_for_job(client, job["_id"])["status"] == CANCELED
    assert_untouched(client, item, photo)


def test_a_cancel_while_queued(services, client, target, photo, work):
    services.services["worker"].kill()
    item = upload(client, target, photo)
    job = job_of(client, item)
    client.put(f"job/{job['_id']}/cancel")
    services.services["worker"].restart()
    assert wait_for_job(client, job["_id"])["status"] == CANCELED
    assert_untouched(client, item, photo)


def test_a_cancel_after_the_worker_was_killed(services, client, target, photo, work):
    item = upload(client, target, photo)
    job = job_of(client, item)
    wait_until(lambda: under_way(client, job), "the conversion begins")
    services.services["worker"].kill()
    assert list(work.iterdir())
    client.put(f"job/{job['_id']}/cancel")
    services.services["worker"].restart()
    assert wait_for_job(client, job["_id"])["status"] == CANCELED
    assert_untouched(client, item, photo)


def test_an_item_that_is_deleted_while_converting(client, target, photo, work):
    item = upload(client, target, photo)
    job = job_of(client, item)
    wait_until(lambda: under_way(client, job), "the conversion begins")
    client.delete(f"item/{item}")
    assert wait_for_job(client, job["_id"])["status"] == CANCELED


def test_an_image_that_is_taken_away_while_converting(client, target, photo, work):
    item = upload(client, target, photo)
    job = job_of(client, item)
    assert client.delete(f"item/{item}/tiles") == {"deleted": True}
    assert wait_for_job(client, job["_id"])["status"] == CANCELED
    assert_untouched(client, item, photo)


def test_a_failure_is_explained(client, target, photo, tmp_path, work):
    path = tmp_path / "half.png"
    path.write_bytes(photo.read_bytes()[: photo.stat().st_size // 2])
    item = upload(client, target, path)
    job = wait_for_job(client, job_of(client, item)["_id"])
    assert job["status"] == ERROR, log_of(job)
    assert "half.png was not converted: " in log_of(job)
    assert_untouched(client, item, path)
    again = client.post(f"item/{item}/tiles")
    assert again["type"] == "large_image_tiff"
    assert wait_for_job(client, again["_id"])["status"] == ERROR


def test_an_upload_succeeds_without_a_broker(services, client, target, photo):
    services.services["redis"].kill()
    item = upload(client, target, photo)
    assert_untouched(client, item, photo)
    services.services["redis"].restart()
    (job,) = client.get("job", parameters={"limit": 1, "sort": "created", "sortdir": -1})
    job = client.get(f"job/{job['_id']}")
    assert (job["status"], "broker" in log_of(job)) == (ERROR, True)
