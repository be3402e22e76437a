"""Starting a service again when its code changes."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

from watchfiles import awatch

from embedded.child import Child
from embedded.errors import Failure
from embedded.supervisor import STOP_SECONDS

DEBOUNCE_MS = 200


async def reload_changed(children: Sequence[Child], ready: asyncio.Event) -> None:
    """Watch the sources from the start, and once everything is ready restart what a change concerns."""
    folders = {source for child in children for source in child.program.sources if source.exists()}
    async for changes in awatch(*folders, debounce=DEBOUNCE_MS, step=DEBOUNCE_MS // 4):
        await ready.wait()
        paths = [Path(path) for _, path in changes]
        await asyncio.gather(*(reload(child) for child in children if concerns(child, paths)))


def concerns(child: Child, paths: Iterable[Path]) -> bool:
    """Tell whether one of the files is among a program's sources."""
    return any(path.is_relative_to(source) for path in paths for source in child.program.sources)


async def reload(child: Child) -> None:
    """Restart a program; one that is broken now is tried again at the next change."""
    clock = asyncio.get_running_loop().time
    began = clock()
    try:
        await child.stop(STOP_SECONDS)
        await child.start()
    except Failure as failure:
        child.sink.note("not_ready", reason=str(failure))
    else:
        child.sink.note("reloaded", seconds=round(clock() - began, 2))
