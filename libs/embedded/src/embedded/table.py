"""The one table: service, state, URL."""

import asyncio
from collections.abc import Sequence

from embedded.probe import ask_all
from embedded.state import Entry, State

HEAD = ("SERVICE", "STATE", "URL", "OR BY HOST NAME")
Row = tuple[str, ...]


def show(state: State) -> bool:
    """Ask everything for its state, print the table, and tell whether all of it is ready."""
    answers = asyncio.run(ask_all((entry.port, entry.ready_path) for entry in state.entries.values()))
    print(render(state, answers))
    return all(answers)


def render(state: State, answers: Sequence[bool]) -> str:
    """Make the table."""
    rows = [
        (name, describe(entry, ready=ready), *entry.urls)
        for (name, entry), ready in zip(state.entries.items(), answers, strict=True)
    ]
    return align([HEAD, *rows])


def describe(entry: Entry, *, ready: bool) -> str:
    """Say how a program is."""
    if ready:
        return f"ready (restarts: {entry.restarts})" if entry.restarts else "ready"
    if entry.identity:
        return "not ready"
    return f"restarting ({entry.note})" if entry.note else "starting"


def align(rows: Sequence[Row]) -> str:
    """Pad the cells of each column to the widest."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
