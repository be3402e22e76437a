"""The keys at hand: read when one is missing, by one thread at a time and not too often."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextvars import copy_context

from chassis._logging import get_logger
from chassis.auth._issuer import IssuerError
from chassis.auth._keys import Key

REST_SECONDS = 5.0  # between two readings: whoever invents names of keys gets no more
OLD_SECONDS = 600.0  # then they are read again, so that a key which the issuer withdrew ends


class KeyRing:
    """The issuer's keys; what was read stays when the issuer goes away.

    Args:
        read: reads them all.
        clock: seconds that only grow.

    Attributes:
        is_empty: whether they were never read.
    """

    def __init__(
        self, read: Callable[[], Iterable[Key]], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._clock = clock
        self._keys: dict[tuple[str | None, str], Key] = {}
        self._read_at = self._tried_at = -math.inf
        self._reading: Future[None] = Future()
        self._reading.set_result(None)
        self._lock = threading.Lock()

    @property
    def is_empty(self) -> bool:
        """Whether they were never read."""
        return not self._keys

    def find(self, name: str | None, algorithm: str) -> Key | None:
        """The key of that name; for a token that names none, the only one of its algorithm."""
        if name is not None:
            return self._keys.get((name, algorithm))
        fitting = [key for key in self._keys.values() if key.algorithm == algorithm]
        return fitting[0] if len(fitting) == 1 else None

    def reading(self, name: str | None, algorithm: str) -> Future[None] | None:
        """The reading that may bring a key which is not at hand; None when there is nothing to wait for."""
        if self.find(name, algorithm) is None:
            return self._start()
        if self._clock() - self._read_at >= OLD_SECONDS:
            self._start()
        return None

    def seconds_to_rest(self) -> int:
        """Whole seconds until the issuer may be asked again, 1 at least."""
        return max(1, math.ceil(self._tried_at + REST_SECONDS - self._clock()))

    def _start(self) -> Future[None] | None:
        with self._lock:
            if not self._reading.done():
                return self._reading
            if self._clock() - self._tried_at < REST_SECONDS:
                return None
            self._tried_at = self._clock()
            self._reading = Future()
            context = copy_context()  # its spans belong to the request that asked
            threading.Thread(target=context.run, args=(self._refresh,), name="issuer", daemon=True).start()
            return self._reading

    def _refresh(self) -> None:
        try:
            self._keys = {(key.id, key.algorithm): key for key in self._read()}
            self._read_at = self._clock()
        except IssuerError as exc:
            get_logger("auth").warning("issuer_unreadable", error=str(exc), keys_at_hand=len(self._keys))
        finally:
            self._reading.set_result(None)
