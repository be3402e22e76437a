"""Serving: uvicorn, with a drain before it stops."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any, TypeVar

import uvicorn
from prometheus_client import start_http_server

from chassis._chassis import Chassis
from chassis._listen import listen
from chassis._settings import ServiceSettings, load_settings
from chassis._workers import follow_supervisor, run_workers
from chassis.asgi._protocol import Protocol
from chassis.asgi._writes import Turn

S = TypeVar("S", bound=ServiceSettings)
KEEP_ALIVE_SECONDS = (
    75  # longer than the gateway keeps idle connections, so that it never meets a closing one
)
GRACE_SECONDS = 30


def serve(settings_class: type[S], create_app: Callable[[S], Any]) -> None:
    """Read the settings, make the app, serve it until SIGTERM, and end with exit code 0.

    Args:
        settings_class: read from the environment.
        create_app: makes the application; its `chassis` attribute is the Chassis.

    Raises:
        SystemExit: code 1, when a setting is wrong or the port is taken.
    """
    settings = load_settings(settings_class)
    listener = listen(settings)
    if settings.web_concurrency > 1:
        run_workers(settings, _work, listener, settings_class, create_app)
    else:
        _serve(settings, create_app, listener)


def _work(listener: socket.socket, settings_class: type[S], create_app: Callable[[S], Any]) -> None:
    follow_supervisor()
    settings = load_settings(settings_class).model_copy(update={"metrics_port": None})
    _serve(settings, create_app, listener)


def _serve(settings: S, create_app: Callable[[S], Any], listener: socket.socket) -> None:
    app = create_app(settings)
    chassis: Chassis = app.chassis
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=partial(Protocol, turn=Turn()),  # type: ignore[arg-type]  # it is called, no more
        ws="none",
        interface="asgi3",
        log_config=None,
        log_level="error",  # what a client does wrong is answered, and logged by Protocol
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    if settings.metrics_port is not None:
        start_http_server(settings.metrics_port, settings.serve_host, registry=chassis.registry)
    server = DrainingServer(config, chassis)
    server.run(sockets=[listener])
    chassis.close()
    if not server.started:
        sys.exit(1)


class DrainingServer(uvicorn.Server):
    """uvicorn, but SIGTERM first makes the service not ready for `DRAIN_SECONDS`.

    A second signal, or Ctrl-C, stops at once.

    Args:
        config: uvicorn's.
        chassis: of the service.
    """

    def __init__(self, config: uvicorn.Config, chassis: Chassis) -> None:
        super().__init__(config)
        self._chassis = chassis

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        await super().startup(sockets)
        self._chassis.started()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain, or stop."""
        drain, flag = self._chassis.settings.drain_seconds, self._chassis.health.flag
        if sig == signal.SIGINT or drain == 0 or flag:
            self._stop()
        flag.set()  # before anything that a second signal may interrupt
        if not self.should_exit:
            timer = threading.Timer(drain, self._stop)
            timer.daemon = True
            timer.start()

    def _stop(self) -> None:
        self._chassis.health.closing.set()
        self.should_exit = True
