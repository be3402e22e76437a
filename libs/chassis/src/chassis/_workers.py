"""Several worker processes that share one socket and one set of figures."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Any

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from chassis._settings import ServiceSettings

Work = Callable[..., None]
POLL_SECONDS = 0.05


def run_workers(settings: ServiceSettings, work: Work, listener: socket.socket, *args: Any) -> None:
    """Run `work(listener, *args)` in `WEB_CONCURRENCY` processes until SIGTERM or SIGINT.

    A worker that dies is replaced. The signal is handed on, so that each worker drains, and a
    second one as SIGINT.

    Args:
        settings: of the service.
        work: importable function.
        listener: shared by all.
        args: picklable arguments for `work`.
    """
    with shared_figures(settings) as folder:
        _supervise(settings.web_concurrency, lambda: _spawn(work, listener, *args), folder)


@contextmanager
def shared_figures(settings: ServiceSettings) -> Iterator[str]:
    """Make the workers started within share their metrics, where there are several.

    Args:
        settings: how many workers there are, and the port on which this process serves the figures.

    Yields:
        Path of the folder that prometheus-client uses for it; empty for a single worker.
    """
    if settings.web_concurrency == 1:
        yield ""
        return
    folder = tempfile.mkdtemp(prefix="metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder  # noqa: TID251 - how prometheus-client is told
    if settings.metrics_port is not None:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=folder)
        start_http_server(settings.metrics_port, settings.serve_host, registry=registry)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _spawn(work: Work, *args: Any) -> BaseProcess:
    process = multiprocessing.get_context("spawn").Process(target=work, args=args)
    process.start()
    return process


def _supervise(count: int, spawn: Callable[[], BaseProcess], folder: str) -> None:
    received: list[int] = []  # all that a handler does, as it may interrupt anything
    for expected in (signal.SIGTERM, signal.SIGINT):
        signal.signal(expected, lambda number, _frame: received.append(number))
    workers = [spawn() for _ in range(count)]
    while not received:
        time.sleep(POLL_SECONDS)
        for index, worker in enumerate(workers):
            if not worker.is_alive():
                mark_process_dead(worker.pid, folder)
                workers[index] = spawn()
    handed_on = 0
    while alive := [worker for worker in workers if worker.is_alive()]:
        for number in received[handed_on:]:
            # Not SIGTERM again: a worker that had no time for the first would see one, and drain.
            _signal(alive, signal.SIGINT if handed_on else number)
            handed_on += 1
        time.sleep(POLL_SECONDS)


def _signal(workers: list[BaseProcess], number: int) -> None:
    for worker in workers:
        if worker.pid and worker.is_alive():
            os.kill(worker.pid, number)


def follow_supervisor() -> None:
    """Called in a worker: leave signals to the supervisor, and end when it ends.

    A process group is often signalled as a whole; a worker would then get a signal twice, and
    take the second for the order to stop at once.
    """
    os.setpgid(0, 0)
    threading.Thread(target=_end_with_supervisor, name="supervisor-watch", daemon=True).start()


def _end_with_supervisor() -> None:
    if (supervisor := multiprocessing.parent_process()) is not None:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGKILL)
