"""The two ways in which a stack runs: in the background, and at a terminal with reload."""

import asyncio
import os
from contextlib import ExitStack, closing, suppress

from embedded import stack
from embedded.errors import Failure
from embedded.folder import Folder
from embedded.plan import plan
from embedded.ports import Reservation
from embedded.programs import BACKGROUND, FOREGROUND
from embedded.reload import reload_changed
from embedded.settings import Settings
from embedded.sinks import ConsoleSink, FileSink
from embedded.supervisor import Supervisor
from embedded.table import render

REPEATED = b'"upstream":"127.'  # the gateway logs a request for machines that a service logs for people


def supervise(settings: Settings, writer: int) -> None:
    """Run in the background; a pipe takes the news that all is ready, or what went wrong."""
    folder = Folder(settings.data)

    def report(text: bytes) -> None:
        os.write(writer, text)
        os.close(writer)

    with folder.exclusive("supervisor"), closing(Reservation()) as reservation:
        try:
            port, programs = plan(settings, reservation, BACKGROUND)
            supervisor = Supervisor(folder, port, programs, lambda name: FileSink(folder.log(name), name))
            asyncio.run(supervisor.run(started=lambda: report(stack.READY)))
        except Failure as failure:
            report(str(failure).encode())


def develop(settings: Settings) -> None:
    """Run at the terminal until Ctrl-C; a changed service is started again."""
    folder = Folder(settings.data)
    folder.create()
    with ExitStack() as command:
        command.enter_context(folder.exclusive("command"))
        if stack.find(settings):
            raise Failure("the services run in the background; make down first")
        stack.clear(folder)
        with folder.exclusive("supervisor"), closing(Reservation()) as reservation:
            port, programs = plan(settings, reservation, FOREGROUND)
            width = max(len(program.name) for program in programs)
            colours = {program.name: number for number, program in enumerate(programs)}
            supervisor = Supervisor(
                folder, port, programs, lambda name: ConsoleSink(name, width, colours[name], REPEATED)
            )
            asyncio.run(run_with_reload(supervisor, command))


async def run_with_reload(supervisor: Supervisor, command: ExitStack) -> None:
    """Run a stack and watch the sources once it is ready."""
    ready = asyncio.Event()

    def started() -> None:
        command.close()
        print(render(supervisor.state, [True] * len(supervisor.children)), flush=True)
        print("watching the sources; Ctrl-C stops everything", flush=True)
        ready.set()

    watcher = asyncio.create_task(reload_changed(supervisor.children, ready))
    try:
        await supervisor.run(started)
    finally:
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher
