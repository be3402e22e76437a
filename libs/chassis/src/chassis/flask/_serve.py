"""Serving: granian, with a drain before it stops."""

from __future__ import annotations

import multiprocessing
import multiprocessing.util
import signal
import threading
from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import MPServer
from prometheus_client import start_http_server

from chassis._health import DrainFlag
from chassis._listen import listen
from chassis._logging import RecordHandler, configure_logging
from chassis._settings import ServiceSettings, load_settings
from chassis._workers import follow_supervisor, shared_figures
from chassis.flask._app import App

S = TypeVar("S", bound=ServiceSettings)
GRACE_SECONDS = 30
SIGNAL_SECONDS = 0.2  # for which one may wait that the system gave to another thread
# granian's own lines, of its first process too, go where all others go.
_LOGGING = {
    "handlers": {"chassis": {"()": RecordHandler}},
    "loggers": {"_granian": {"handlers": ["chassis"], "propagate": False}},
}


def serve(settings_class: type[S], create_app: Callable[[S], App], *, threads: int = 1) -> None:
    """Read the settings, serve the app until SIGTERM, and end with exit code 0.

    Args:
        settings_class: read from the environment.
        create_app: makes the application, in the worker process.
        threads: requests that a worker serves at once.

    Raises:
        SystemExit: code 1, when a setting is wrong or the port is taken.
    """
    settings = load_settings(settings_class)
    listen(settings).close()
    _configure_logging(settings)
    drain = DrainFlag.new_file()
    try:
        if settings.web_concurrency > 1:  # a fork would inherit prometheus-client's choice for one process
            multiprocessing.set_start_method("spawn", force=True)
        with shared_figures(settings):
            server = DrainingServer(settings, drain, threads)
            server.serve(target_loader=partial(_load, settings_class, create_app, drain), wrap_loader=False)
    finally:
        drain.unlink(missing_ok=True)


def _configure_logging(settings: ServiceSettings) -> None:
    """Let the first process, which never makes the application, log as the service that it serves."""
    name = type(settings).__module__.partition(".")[0].replace("_", "-")
    try:
        known = version(name)
    except PackageNotFoundError:  # settings of a script
        known = "unknown"
    configure_logging(service=name, version=known, level=settings.log_level, log_format=settings.log_format)


def _load(settings_class: type[S], create_app: Callable[[S], App], drain: Path) -> App:
    """Make the application in its worker process."""
    follow_supervisor()
    settings = load_settings(settings_class)
    app = create_app(settings)
    app.chassis.health.flag = DrainFlag(drain)
    if settings.metrics_port is not None and settings.web_concurrency == 1:
        start_http_server(settings.metrics_port, settings.serve_host, registry=app.chassis.registry)
    multiprocessing.util.Finalize(None, app.chassis.close, exitpriority=1)
    app.chassis.started()
    return app


class PatientEvent(threading.Event):
    """An event whose wait ends often enough to handle signals.

    POSIX lets any thread take a signal; Python handles it in the main thread, as soon as that runs again.
    """

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the event is set, or for so many seconds; granian's main loop gives none."""
        if timeout is not None:
            return super().wait(timeout)
        while not super().wait(SIGNAL_SECONDS):
            pass
        return True


class DrainingServer(MPServer):
    """granian, but SIGTERM first makes the service not ready for `DRAIN_SECONDS`.

    A second signal, or Ctrl-C, stops at once.

    Args:
        settings: address, workers and drain time.
        drain: file of the flag that the workers see.
        threads: requests that a worker serves at once.
    """

    def __init__(self, settings: ServiceSettings, drain: Path, threads: int) -> None:
        super().__init__(
            "",
            address=settings.serve_host,
            port=settings.serve_port,
            interface=Interfaces.WSGI,
            workers=settings.web_concurrency,
            blocking_threads=threads,
            websockets=False,
            log_level=LogLevels.warning,
            log_dictconfig=_LOGGING,
            log_access=False,
            respawn_failed_workers=True,
            workers_kill_timeout=GRACE_SECONDS,
            http=HTTPModes.http1,  # HTTP/2 has no limit on the time of a head
            http1_settings=HTTP1Settings(header_read_timeout=10_000),
        )
        self.main_loop_interrupt = PatientEvent()
        self._flag = DrainFlag(drain)
        self._drain_seconds = settings.drain_seconds

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        """Begin to drain, or stop."""
        if self._drain_seconds == 0 or self._flag or signal.SIGINT in args:
            self._stop()
        else:
            self._flag.set()
            timer = threading.Timer(self._drain_seconds, self._stop)
            timer.daemon = True
            timer.start()

    def _stop(self) -> None:
        super().signal_handler_interrupt()  # type: ignore[no-untyped-call]
