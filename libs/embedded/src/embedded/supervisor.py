"""Runs the stack: starts it, keeps it running, ends it."""

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress

from embedded.child import Child
from embedded.folder import Folder
from embedded.identity import Identity
from embedded.programs import Program
from embedded.sinks import Sink
from embedded.state import State

START_SECONDS = 60.0  # for everything to become ready
STOP_SECONDS = 10.0  # for a program to finish its work
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Supervisor:
    """All programs of one stack.

    Args:
        port: where the gateway listens.
        programs: the last one is a store that the others need until they have ended.
        sink: makes the place where a program's output goes.
    """

    def __init__(
        self, folder: Folder, port: int, programs: Sequence[Program], sink: Callable[[str], Sink]
    ) -> None:
        self.children = [Child(program, sink(program.name), self._write) for program in programs]
        entries = {child.program.name: child.entry for child in self.children}
        self.state = State(Identity.of(os.getpid()), port, entries=entries)
        self._path = folder.state

    async def run(self, started: Callable[[], None]) -> None:
        """Run until a signal says to end.

        Args:
            started: called when everything is ready.

        Raises:
            Failure: something did not start; the rest has been ended.
        """
        end_by_signal()
        self._write()
        try:
            await start(self.children)
            self.state.ready = True
            self._write()
            started()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return
        finally:
            await self._stop()

    async def _stop(self) -> None:
        *users, store = self.children
        await asyncio.gather(*(child.stop(STOP_SECONDS) for child in users))
        await store.stop(STOP_SECONDS)
        for child in self.children:
            child.close()
        self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        self.state.write(self._path)


def end_by_signal() -> None:
    """Let the first signal cancel this task; the next ones find it ending."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def end() -> None:
        for number in SIGNALS:
            loop.add_signal_handler(number, lambda: None)
        if task:
            task.cancel()

    for number in SIGNALS:
        loop.add_signal_handler(number, end)


async def start(children: Sequence[Child]) -> None:
    """Start everything at once, and return when all of it is ready.

    Raises:
        Failure: one did not become ready; the others are no longer waited for.
    """
    tasks = {asyncio.create_task(child.start()): child for child in children}
    try:
        done, late = await asyncio.wait(tasks, timeout=START_SECONDS, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.wait(tasks)
    for task in done:
        task.result()
    for task in late:
        raise tasks[task].failure(f"was not ready within {START_SECONDS:.0f} s")
