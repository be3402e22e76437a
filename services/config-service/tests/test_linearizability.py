"""Every document behaves as one register, however many clients and replicas write to it.

The search for an order that explains all answers is that of Wing and Gong (1993), with Lowe's memory (2017).
"""

import asyncio
import json
import os
import random
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from chassis.fastapi import App
from chassis.testing import running_service

pytestmark = pytest.mark.anyio

CALLS = int(os.environ.get("CONFIG_TEST_CALLS", "240"))  # noqa: TID251 only tests read this
REPLICAS, CLIENTS = 3, 8
NAMES = ("a", "b")
MERGE = {"Content-Type": "application/merge-patch+json"}


class State(NamedTuple):
    """A document: its content, None where there is none, and the last revision that is known of it."""

    revision: int = 0
    content: str | None = None


@dataclass(frozen=True)
class Call:
    """A call and its answer.

    Attributes:
        start: before it was sent.
        end: after its answer came.
        kind: what was asked.
        status: of the answer.
        content: that it gave or, of a write, that it left.
        revision: that it gave.
        expected: the revision that the document had to be at.
    """

    start: float
    end: float
    kind: str
    status: int
    content: str | None = None
    revision: int = 0
    expected: int | None = None


def is_linearizable(calls: Sequence[Call], state: State = State()) -> bool:  # noqa: B008 it never changes
    """Look for an order, each call at a moment between its start and its end, that explains all answers."""
    ordered = sorted(calls, key=lambda call: call.start)
    everything = (1 << len(ordered)) - 1
    open_, known = [(0, state)], {(0, state)}
    while open_:
        done, state = open_.pop()
        if done == everything:
            return True
        for number in _next(ordered, done):
            after = step(state, ordered[number])
            reached = (done | 1 << number, after) if after else None
            if reached and reached not in known:
                known.add(reached)
                open_.append(reached)
    return False


def _next(ordered: Sequence[Call], done: int) -> Iterator[int]:
    """The calls that can come next: they began before any other of the rest had ended."""
    first_end = float("inf")
    for number in range((~done & (done + 1)).bit_length() - 1, len(ordered)):
        if done >> number & 1:
            continue
        if ordered[number].start > first_end:
            return
        yield number
        first_end = min(first_end, ordered[number].end)


def step(state: State, call: Call) -> State | None:
    """What a call makes of the document; None when its answer cannot be explained."""
    if call.status == 503:  # nothing has happened
        return state
    if call.status in (404, 412):
        return state if _refuses(state, call) else None
    if _refuses(state, call):
        return None
    if call.kind == "get":
        return _seen(state, call)
    if call.kind == "delete":
        return State(state.revision)
    return _written(state, call)


def _refuses(state: State, call: Call) -> bool:
    if call.expected is not None:
        return call.expected != (state.revision if state.content is not None else 0)
    return call.kind in ("get", "patch", "delete") and state.content is None


def _seen(state: State, call: Call) -> State | None:
    if call.status == 304:
        return state if call.revision == state.revision else None
    return state if (call.revision, call.content) == state else None


def _written(state: State, call: Call) -> State | None:
    if call.content == state.content:
        return _seen(state, call)
    return State(call.revision, call.content) if call.revision > state.revision else None


class Client:
    """Calls replicas at random, and writes down what it asked and what it was told."""

    def __init__(self, http: httpx.AsyncClient, urls: Sequence[str], seed: int) -> None:
        self.http, self.urls = http, urls
        self.dice = random.Random(seed)  # noqa: S311 no secret
        self.calls: dict[str, list[Call]] = {name: [] for name in NAMES}
        self.seen = dict.fromkeys(NAMES, -1)  # no document is there

    async def run(self, calls: int) -> None:
        ways = (self.get, self.get_changed, self.put, self.replace, self.create, self.patch, self.delete)
        for _ in range(calls):
            await self.dice.choice(ways)(self.dice.choice(NAMES))

    async def get(self, name: str) -> None:
        await self.call("get", name)

    async def get_changed(self, name: str) -> None:
        seen = self.seen[name]
        await self.call("get", name, headers={"If-None-Match": f'"{seen}"'})

    async def put(self, name: str) -> None:
        await self.call("put", name, json=self.body())

    async def replace(self, name: str) -> None:
        seen = self.seen[name]
        await self.call("put", name, seen, json=self.body(), headers={"If-Match": f'"{seen}"'})

    async def create(self, name: str) -> None:
        await self.call("put", name, 0, json=self.body(), headers={"If-None-Match": "*"})

    async def patch(self, name: str) -> None:
        await self.call("patch", name, content=json.dumps(self.body()), headers=MERGE)

    async def delete(self, name: str) -> None:
        await self.call("delete", name)

    def body(self) -> dict[str, Any]:
        return {"metadata": {"x": self.dice.randrange(4)}}

    async def call(self, kind: str, name: str, expected: int | None = None, **request: Any) -> None:
        url = f"{self.dice.choice(self.urls)}/v1/configs/{name}"
        start = time.perf_counter()
        answer = await self.http.request(kind.upper(), url, **request)
        end = time.perf_counter()
        assert answer.status_code in (200, 201, 204, 304, 404, 412, 503), answer.text
        given = answer.json() if answer.status_code in (200, 201) else {"metadata": None, "revision": 0}
        content = json.dumps(given["metadata"]) if given["revision"] else None
        self.seen[name] = given["revision"] or self.seen[name]
        revision = self.seen[name] if answer.status_code == 304 else given["revision"]
        told = (answer.status_code, content, revision, expected)
        self.calls[name].append(Call(start, end, kind, *told))


@pytest.fixture
def urls(app: App, empty_database_url: str, tmp_path: Path) -> Iterator[list[str]]:
    with ExitStack() as stack:
        replicas = []
        for number in range(REPLICAS):
            (folder := tmp_path / str(number)).mkdir()
            service = running_service("config_service", folder, {"DATABASE_URL": empty_database_url})
            replicas.append(stack.enter_context(service).url)
        yield replicas


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        yield http


async def test_documents_are_linearizable_over_replicas(urls: list[str], http: httpx.AsyncClient) -> None:
    clients = [Client(http, urls, seed) for seed in range(CLIENTS)]

    await asyncio.gather(*(client.run(CALLS // CLIENTS) for client in clients))

    histories = {name: [call for client in clients for call in client.calls[name]] for name in NAMES}
    assert all(is_linearizable(history) for history in histories.values())
    for history in histories.values():
        assert not is_linearizable(spoilt(history))


def spoilt(history: Sequence[Call]) -> list[Call]:
    """The same, and at the end somebody reads what has long been overwritten."""
    old = min((call for call in history if call.content), key=lambda call: call.revision)
    newest = max(call.revision for call in history)
    assert old.revision < newest
    end = max(call.end for call in history)
    return [*history, Call(end + 1, end + 2, "get", 200, old.content, old.revision)]


def put(start: float, end: float, revision: int, content: str, expected: int | None = None) -> Call:
    return Call(start, end, "put", 200, content, revision, expected)


def get(start: float, end: float, revision: int, content: str) -> Call:
    return Call(start, end, "get", 200, content, revision)


@pytest.mark.parametrize(
    ("calls", "possible"),
    [
        ([put(0, 1, 1, "a"), get(2, 3, 1, "a")], True),
        ([put(0, 1, 1, "a"), put(2, 3, 2, "b"), get(4, 5, 1, "a")], False),
        ([put(0, 1, 1, "a"), put(2, 5, 2, "b"), get(3, 4, 1, "a"), get(3, 4, 2, "b")], True),
        ([put(0, 1, 1, "a"), put(2, 9, 2, "b"), get(3, 4, 2, "b"), get(5, 6, 1, "a")], False),
        ([put(0, 1, 1, "a"), put(2, 5, 2, "b", 1), put(2, 5, 3, "c", 1)], False),
        ([put(0, 1, 1, "a"), put(2, 5, 2, "b", 1), Call(2, 5, "put", 412, expected=1)], True),
        ([put(0, 1, 1, "a"), put(2, 5, 1, "b")], False),
        ([put(0, 1, 1, "a"), put(2, 5, 1, "a")], True),
        ([put(0, 1, 1, "a"), Call(0, 2, "delete", 204), Call(3, 4, "get", 404)], True),
        ([put(0, 1, 1, "a"), Call(2, 3, "get", 404)], False),
        ([put(0, 1, 1, "a"), put(2, 5, 2, "b"), Call(3, 4, "get", 304, revision=1)], True),
        ([put(0, 1, 1, "a"), put(2, 3, 2, "b"), Call(4, 5, "get", 304, revision=1)], False),
        ([Call(0, 1, "put", 503, expected=0), Call(2, 3, "get", 404)], True),
    ],
)
def test_order_is_found_where_there_is_one(calls: list[Call], possible: bool) -> None:
    assert is_linearizable(calls) is possible
