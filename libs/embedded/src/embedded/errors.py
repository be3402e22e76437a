"""What can go wrong, said in one line to the person at the terminal."""

import sys
from collections.abc import Callable


class Failure(Exception):
    """A reason to stop that tells the user what to do."""


def one_line(command: Callable[[], object]) -> int:
    """Run a command; a failure becomes one line on stderr and the exit code 1."""
    try:
        command()
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
    return 0
