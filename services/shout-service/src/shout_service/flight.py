"""Single flight: equal calls at the same time are one call."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Calls under way, by key.

    A call is a task of its own: a caller that goes away does not take it along.
    """

    def __init__(self) -> None:
        self._flights: dict[str, asyncio.Task[T]] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._flights

    async def run(self, key: str, call: Callable[[], Coroutine[Any, Any, T]], timeout: float) -> T:  # noqa: ASYNC109
        """Join the call under way for a key, or start it.

        Arguments:
            key: what makes calls equal.
            call: starts the call.
            timeout: seconds that this caller waits; the call itself goes on.

        Raises:
            TimeoutError: the call was not done by then.
        """
        flight = self._flights.get(key) or self._start(key, call())
        await asyncio.wait((flight,), timeout=timeout)
        if not flight.done():
            raise TimeoutError
        return flight.result()

    async def aclose(self) -> None:
        """End all calls."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)

    def _start(self, key: str, call: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        flight = self._flights[key] = asyncio.create_task(call)
        flight.add_done_callback(lambda done: self._land(key, done))
        return flight

    def _land(self, key: str, flight: asyncio.Task[T]) -> None:
        del self._flights[key]
        if not flight.cancelled():
            flight.exception()  # retrieved here, as all its callers may have gone
