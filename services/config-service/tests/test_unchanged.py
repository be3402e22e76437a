import asyncio
from collections.abc import Iterable

import httpx
import pytest

from chassis import StoreUnavailable
from config_service.documents import Change
from config_service.store import Store
from config_service.unchanged import Revisions

pytestmark = pytest.mark.anyio

NAMES = [f"doc-{number}" for number in range(40)]


class WatchedStore:
    """A store that notes what it is asked, and can be away."""

    def __init__(self, store: Store) -> None:
        self.store, self.asked, self.is_away = store, list[set[str]](), False

    def get_revision_number(self, name: str) -> int | None:
        return self.get_revision_numbers([name]).get(name)

    def get_revision_numbers(self, names: Iterable[str]) -> dict[str, int]:
        self.asked.append(set(names))
        if self.is_away:
            raise StoreUnavailable
        return self.store.get_revision_numbers(names)


@pytest.fixture
def watched(store: Store) -> WatchedStore:
    for name in NAMES:
        store.write(Change("tester"), lambda transaction, name=name: transaction.create(name, None, {}))
    return WatchedStore(store)


@pytest.fixture
def revisions(watched: WatchedStore) -> Revisions:
    return Revisions(watched, 2)  # type: ignore[arg-type]


async def test_those_who_ask_together_share_a_query(revisions: Revisions, watched: WatchedStore) -> None:
    found = await asyncio.gather(*map(revisions.of, [*NAMES, "none", *NAMES]))

    numbers = list(range(3, 43))
    assert found == [*numbers, None, *numbers]
    assert watched.asked == [{NAMES[0]}, {*NAMES, "none"}]


async def test_who_asks_later_is_told_what_was_written_before(revisions: Revisions, store: Store) -> None:
    """A query that began before the write must not answer."""

    async def write_and_ask() -> tuple[int, int | None]:
        created = await asyncio.to_thread(
            store.write, Change("tester"), lambda transaction: transaction.create("new", None, {})
        )
        return created.revision, await revisions.of("new")

    async def ask_on() -> None:
        while not writing.done():
            await asyncio.gather(*map(revisions.of, NAMES))

    writing = asyncio.create_task(write_and_ask())
    await ask_on()
    assert await writing == (43, 43)


async def test_store_that_is_away_is_away_for_all_who_ask(
    revisions: Revisions, watched: WatchedStore
) -> None:
    watched.is_away = True
    told = await asyncio.gather(*map(revisions.of, NAMES), return_exceptions=True)
    assert {type(answer) for answer in told} == {StoreUnavailable}
    assert len(watched.asked) == 2

    watched.is_away = False
    assert await revisions.of(NAMES[0]) == 3


async def test_who_leaves_takes_no_answer_from_others(revisions: Revisions) -> None:
    asked = [asyncio.create_task(revisions.of(name)) for name in NAMES]
    await asyncio.sleep(0)
    for task in asked[:2]:
        task.cancel()

    assert await asyncio.gather(*asked[2:]) == list(range(5, 43))
    assert await revisions.of(NAMES[0]) == 3


async def test_many_conditional_requests_at_once(client: httpx.AsyncClient) -> None:
    path = "/v1/configs/datacenter-1"
    known, old, none = ({"If-None-Match": tag} for tag in ('"0", W/"1"', '"7"', "*"))

    answers = await asyncio.gather(*(client.get(path, headers=headers) for headers in [known, old, none] * 5))
    absent = await client.get("/v1/configs/none", headers=none)

    assert [answer.status_code for answer in answers] == [304, 200, 304] * 5
    assert {answer.headers["etag"] for answer in answers} == {'"1"'}
    assert absent.status_code == 404
