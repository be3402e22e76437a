"""When to try again."""

import random
from collections.abc import Iterator

ATTEMPTS = 3
BASE_SECONDS, MOST_SECONDS = 0.1, 5.0


def pauses() -> Iterator[float]:
    """Give pauses in seconds without end: doubled each time, anywhere below that (full jitter)."""
    longest = BASE_SECONDS
    while True:
        yield random.uniform(0, longest)  # noqa: S311 no secret
        longest = min(longest * 2, MOST_SECONDS)
