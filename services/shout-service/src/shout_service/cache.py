"""A bounded memory of answers."""

import sys
import time
from collections.abc import Callable
from typing import Final

from cachetools import TTLCache

_BOOKKEEPING: Final = 400  # bytes of an entry besides its two strings: 344 measured, rounded up


class Cache:
    """Answers by text; the least recently used go first, and all go after `ttl`.

    Arguments:
        max_bytes: memory for all entries; 0 keeps none.
        ttl: seconds that an answer is kept.
        clock: seconds, ever rising.
    """

    def __init__(self, max_bytes: int, ttl: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._answers: TTLCache[str, tuple[str, str]] = TTLCache(max_bytes, ttl, clock, getsizeof=_cost)

    def get(self, text: str) -> str | None:
        """Return the answer to a text, if it is known."""
        try:
            return self._answers[text][1]
        except KeyError:
            return None

    def put(self, text: str, answer: str) -> None:
        """Keep an answer, unless it alone is larger than the cache."""
        entry = (text, answer)
        if _cost(entry) <= self._answers.maxsize:
            self._answers[text] = entry

    @property
    def size(self) -> int:
        """Bytes in use."""
        return int(self._answers.currsize)


def _cost(entry: tuple[str, str]) -> int:
    return sys.getsizeof(entry[0]) + sys.getsizeof(entry[1]) + _BOOKKEEPING
