"""One program of the stack, kept running."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress

import psutil

from embedded.errors import Failure
from embedded.identity import Identity
from embedded.probe import is_ready
from embedded.programs import Program
from embedded.sinks import Sink
from embedded.state import Entry

FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0  # seconds between a crash and the next try
SETTLED = 60.0  # seconds of running after which a crash counts as the first one again
PROBE_INTERVAL = 0.05
CHUNK, CHUNKS = 64 * 1024, 16  # as much as is passed on at once
NOT_STARTED = 127  # as a shell says it


class Child:
    """Starts a program, passes its output on, and starts it again when it ends unasked.

    Args:
        changed: called after every change of `entry`.
    """

    def __init__(self, program: Program, sink: Sink, changed: Callable[[], None]) -> None:
        self.program, self.sink, self._changed = program, sink, changed
        self.entry = Entry(program.port, program.ready_path, program.urls)
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._last_words = ""
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Prepare the program, start it, and return when it is ready.

        Raises:
            Failure: it ended instead.
        """
        asyncio.get_running_loop().add_reader(self._reader, self._pass_on)
        self.program.configure()
        for command in self.program.prepare:
            await self._prepare(command)
        self._keeper = asyncio.create_task(self._keep())
        await self.wait_ready()

    async def wait_ready(self) -> None:
        """Return when the program is ready; fail when it ends."""
        restarts = self.entry.restarts
        while not await is_ready(self.program.port, self.program.ready_path):
            if self.entry.restarts > restarts:
                raise Failure(f"{self.program.name} did not start ({self.entry.note}){self._last_words}")
            await asyncio.sleep(PROBE_INTERVAL)

    async def stop(self, seconds: float) -> None:
        """Ask the program to end, and force it after some seconds."""
        if self._keeper:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        await self._end(seconds)
        self._pass_on()

    def close(self) -> None:
        """Give the pipe and the sink back."""
        asyncio.get_running_loop().remove_reader(self._reader)
        os.close(self._reader)
        os.close(self._writer)
        self.sink.close()

    def failure(self, reason: str) -> Failure:
        """Make an error that shows what the program said last."""
        self._pass_on()
        return Failure(f"{self.program.name} {reason}{self.sink.tail()}")

    async def _keep(self) -> None:
        loop, delay = asyncio.get_running_loop(), FIRST_DELAY / 2
        while True:
            began = loop.time()
            code = await self._run(self.program.argv)
            delay = FIRST_DELAY if loop.time() - began > SETTLED else min(delay * 2, LONGEST_DELAY)
            self.entry.identity, self.entry.note = None, describe(code)
            self.entry.restarts += 1
            self._pass_on()
            self._last_words = self.sink.tail()
            self.sink.note("process_ended", reason=self.entry.note, restart_in_s=delay)
            self._changed()
            await asyncio.sleep(delay)

    async def _prepare(self, command: tuple[str, ...]) -> None:
        code = await self._run(command)
        self.entry.identity = None
        if code:
            raise self.failure(f"could not be prepared ({describe(code)} of {' '.join(command[1:])})")

    async def _run(self, command: tuple[str, ...]) -> int:
        try:
            process = await self._spawn(command)
        except OSError as error:
            self.sink.note("cannot_start", reason=str(error))
            return NOT_STARTED
        with suppress(psutil.Error):
            self.entry.identity = Identity.of(process.pid)
        self._changed()
        code = await process.wait()
        kill_group(process.pid)
        return code

    async def _spawn(self, command: tuple[str, ...]) -> asyncio.subprocess.Process:
        self._process = await asyncio.create_subprocess_exec(
            *command,
            env=self.program.env,
            cwd=self.program.cwd,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=self._writer,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        return self._process

    async def _end(self, seconds: float) -> None:
        if not self._process or self._process.returncode is not None:
            return
        self._process.send_signal(self.program.stop_signal)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), seconds)
        kill_group(self._process.pid)
        await self._process.wait()

    def _pass_on(self) -> None:
        with suppress(BlockingIOError):
            for _ in range(CHUNKS):
                self.sink.write(os.read(self._reader, CHUNK))


def describe(code: int) -> str:
    """Say how a process ended."""
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"


def kill_group(pid: int) -> None:
    """End the workers that a process left behind, or all of it."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
