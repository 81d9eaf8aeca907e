"""All services together: a Girder with tiles, from one folder, on free ports of this machine."""

import os
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from girder_tiles.embedded.addresses import free_port, is_free
from girder_tiles.embedded.errors import StartError
from girder_tiles.embedded.mongo import database
from girder_tiles.embedded.redis_server import redis_server
from girder_tiles.embedded.service import Service, ServiceSpec
from girder_tiles.embedded.site import Site, prepare_site
from girder_tiles.embedded.state import State
from girder_tiles.embedded.web import web_server
from girder_tiles.embedded.workers import worker

STORES = ("database", "redis")
CONVERSION_QUEUE, LOCAL_QUEUE = "celery", "local"


def _silent(_line: str) -> None:
    return


class Stack:
    """Database, Redis, web server and workers: started together, stopped together.

    Should this process die, in whatever way, the services end too.
    """

    def __init__(
        self, state: Path, *, port: int | None = None, report: Callable[[str], None] = _silent
    ) -> None:
        self.state = State(state)
        self.services: dict[str, Service] = {}
        self.site: Site | None = None
        self._port = port
        self._report = report
        self._held: tuple[int, ...] = ()
        self._undo = ExitStack()

    @property
    def api_url(self) -> str:
        """Where Girder's REST interface answers."""
        return f"{self.services['web'].address}/api/v1"

    @property
    def mongo_uri(self) -> str:
        """Where the database answers."""
        return self.services["database"].address

    @property
    def redis_url(self) -> str:
        """Where Redis answers."""
        return self.services["redis"].address

    def __enter__(self) -> "Stack":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything and wait until it answers; raise StartError if something does not."""
        with ExitStack() as undo:
            lock = self.state.lock()
            undo.callback(os.close, lock)
            self._held = (lock,)
            undo.callback(self._stop_services)
            port = self._web_port()
            self._start_stores()
            self._start_girder(port)
            self.site = prepare_site(
                self.api_url, self.state.password(os.environ), self.state.assetstore
            )
            self._undo = undo.pop_all()

    def stop(self) -> None:
        """Stop everything that runs."""
        self._undo.close()

    def _start_stores(self) -> None:
        environment = self._environment()
        folder = self.state.folder
        stores = [database(folder, environment), redis_server(folder, environment)]
        self._start(stores)
        for spec in stores:
            self._report(f"{spec.name}: {spec.description}")

    def _start_girder(self, port: int) -> None:
        server = self._environment() | self._girder_environment(port)
        # It reaches Girder over REST only, as on a host of its own.
        remote = {name: value for name, value in server.items() if name != "GIRDER_MONGO_URI"}
        self._start(
            [
                self._worker("worker", CONVERSION_QUEUE, remote),
                self._worker("local-worker", LOCAL_QUEUE, server),
                web_server(self.state.folder, port, server),
            ]
        )
        self.state.keep_web_port(port)

    def _worker(self, name: str, queue: str, environment: dict[str, str]) -> ServiceSpec:
        return worker(
            name,
            queue=queue,
            processes=1,
            state=self.state.folder,
            broker=self.redis_url,
            environment=environment,
        )

    def _start(self, specs: Iterable[ServiceSpec]) -> None:
        """Start services side by side: each takes seconds."""
        services = [Service(spec, self._held) for spec in specs]
        for service in services:
            self.services[service.name] = service
            service.start()
        for service in services:
            service.wait_ready()

    def _stop_services(self) -> None:
        services = self.services.values()
        # What needs the stores ends first, in good order.
        _stop_together(service for service in services if service.name not in STORES)
        _stop_together(service for service in services if service.name in STORES)
        self.services.clear()

    def _web_port(self) -> int:
        if self._port is None:
            return free_port(self.state.web_port())
        if not is_free(self._port):
            raise StartError(f"Port {self._port} is in use. Give another --port, or none.")
        return self._port

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "GIRDER_TILES_STATE": str(self.state.folder)}

    def _girder_environment(self, port: int) -> dict[str, str]:
        api_url = f"http://127.0.0.1:{port}/api/v1"
        return {
            "GIRDER_MONGO_URI": self.mongo_uri,
            "GIRDER_WORKER_BROKER": self.redis_url,
            "GIRDER_WORKER_BACKEND": self.redis_url,
            "GIRDER_NOTIFICATION_REDIS_URL": self.redis_url,
            "GIRDER_TILES_REDIS_URL": self.redis_url,
            "GIRDER_SETTING_WORKER_API_URL": api_url,
            # For tasks that were queued when the server had another port.
            "GIRDER_WORKER_API_URL": api_url,
            "C_FORCE_ROOT": "1",  # Celery refuses to run as root without
        }


def _stop_together(services: Iterable[Service]) -> None:
    services = list(services)
    for service in services:
        service.let_go()
    for service in services:
        service.stop()
