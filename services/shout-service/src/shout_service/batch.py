"""Many texts at once: each has its own answer or its own problem."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from chassis import FieldError, Problem, UnprocessableContent
from shout_service.body import check_text
from shout_service.reversal import Unit, reverse
from shout_service.service import Shout, Shouter

WORKERS: Final = 8


async def shout_all(shouter: Shouter, items: Sequence[Any], unit: Unit) -> list[Shout | Problem]:
    """Reverse and shout each item; one deadline holds for all of them.

    Arguments:
        shouter: shouts each text.
        items: any JSON values; what is no text of a fair size is answered with a problem.
        unit: what to reverse by.

    Returns:
        The answers, in the order of the items.
    """
    deadline = shouter.new_deadline()
    answers: list[Shout | Problem] = [Problem()] * len(items)
    queue = iter(enumerate(items))

    async def work() -> None:
        for index, item in queue:
            try:
                answers[index] = await shouter.shout(reverse(_check_item(item, index), unit), deadline)
            except Problem as problem:
                answers[index] = problem
            await asyncio.sleep(0)  # a batch of known texts must not keep others waiting

    async with asyncio.TaskGroup() as group:
        for _ in range(min(WORKERS, len(items))):
            group.create_task(work())
    return answers


def _check_item(item: Any, index: int) -> str:
    if isinstance(item, str):
        return check_text(item)
    fault = FieldError(f"/data/{index}", "a string is expected")
    raise UnprocessableContent("This is no text to shout.", errors=[fault])
