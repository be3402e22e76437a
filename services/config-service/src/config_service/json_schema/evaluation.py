"""Checking a value: compiled schemas, and what one check has seen and spent so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chassis import FieldError
from config_service.errors import escaped

MAX_FAULTS = 50
MAX_DETAIL = 300

# Where a value is: the place of what it is in, and its name or number there.
At = tuple[Any, str | int] | None
Check = Callable[[Any, At, "Run", "Seen | None"], bool]


class CheckEnded(Exception):
    """A check takes more steps than it may, or has found enough."""


class Seen:
    """The members and items of one value that some keyword has looked at (core §7.7.1)."""

    __slots__ = ("items", "names")

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.items: set[int] = set()

    def add(self, other: Seen) -> None:
        """Take over what another branch has looked at."""
        self.names |= other.names
        self.items |= other.items


class Run:
    """One check of one value.

    Args:
        scope: base URI of the schema, the first of the dynamic scope.
        below: pointer to the value.
        faults: gathers what is wrong; without it the first fault ends the check.

    Attributes:
        steps: that may still be taken. Applying a schema is one, others go into loops over names and items.
    """

    __slots__ = ("_below", "faults", "scope", "steps")

    def __init__(self, scope: str, below: str, faults: list[FieldError] | None = None) -> None:
        self.steps = 0
        self.scope = [scope]
        self.faults = faults
        self._below = below

    def spend(self, steps: int) -> None:
        """Take steps.

        Raises:
            CheckEnded: there are not as many left.
        """
        self.steps -= steps
        if self.steps < 0:
            raise CheckEnded

    def fail(self, at: At, detail: str) -> bool:
        """Note a fault, where they are gathered; always False.

        Raises:
            CheckEnded: that was the last one of interest.
        """
        if self.faults is not None:
            self.faults.append(FieldError(self._below + _pointer(at), detail[:MAX_DETAIL]))
            if len(self.faults) == MAX_FAULTS:
                raise CheckEnded
        return False


class Node:
    """A schema, as the checks that each type of value has to pass."""

    __slots__ = ("checks", "watches")

    def __init__(self) -> None:
        self.checks: dict[type, list[Check]] = {}
        self.watches = False  # whether it asks what the other keywords have looked at

    def add(self, kinds: Iterable[type], check: Check) -> None:
        """Let values of some types pass a check, after those that are there."""
        for kind in kinds:
            self.checks.setdefault(kind, []).append(check)

    def apply(self, value: Any, at: At, run: Run, seen: Seen | None) -> bool:
        """Say whether a value fits.

        Raises:
            CheckEnded: the steps are used up.
        """
        run.steps -= 1
        if run.steps < 0:
            raise CheckEnded
        if self.watches and seen is None:
            seen = Seen()
        fits = True
        for check in self.checks.get(type(value), ()):
            if not check(value, at, run, seen):
                if run.faults is None:
                    return False
                fits = False
        return fits


KINDS: tuple[type, ...] = (dict, list, str, int, float, bool, type(None))
NUMBERS: tuple[type, ...] = (int, float)


def inside(node: Check, value: Any, at: At, run: Run, seen: Seen | None) -> bool:
    """Apply a schema to the same value; what it looks at counts where it fits."""
    if seen is None:  # asked before by those that nest, to save a call a level
        return node(value, at, run, None)
    own = Seen()
    if not node(value, at, run, own):
        return False
    seen.add(own)
    return True


def quietly(node: Check, value: Any, at: At, run: Run, seen: Seen | None) -> bool:
    """Apply a schema to the same value without noting faults."""
    faults, run.faults = run.faults, None
    fits = node(value, at, run, None) if seen is None else inside(node, value, at, run, seen)
    run.faults = faults
    return fits


def all_fit(children: Iterable[tuple[Check, Any, At]], run: Run) -> bool:
    """Apply schemas to what is inside a value."""
    fits = True
    for node, value, at in children:
        if not node(value, at, run, None):
            if run.faults is None:
                return False
            fits = False
    return fits


def _pointer(at: At) -> str:
    steps = []
    while at is not None:
        at, step = at
        steps.append(f"/{escaped(str(step))}")
    return "".join(reversed(steps))
