"""The service as a process, under load, in front of an API that fails, crawls, lies or is dead."""

import asyncio
import json
import secrets
from collections import Counter
from contextlib import asynccontextmanager
from typing import NamedTuple

import httpx
import pytest

from chassis.testing import free_port, running_service

pytestmark = pytest.mark.anyio

DEADLINE = 3.0
CALLERS = 24
DISTINCT = 300


class Answer(NamedTuple):
    text: str
    response: httpx.Response


@pytest.fixture
def serve(tmp_path):
    """Starts the service in front of an API: `async with serve(url) as (client, log)`."""

    @asynccontextmanager
    async def start(url):
        env = {"SHOUTCLOUD_URL": f"{url}/V1/SHOUT"}
        with running_service("shout_service", tmp_path, env) as service:
            async with httpx.AsyncClient(base_url=service.url, trust_env=False, timeout=30) as client:
                yield client, service.log

    return start


async def shout(client, text):
    return Answer(text, await client.post("/v1", json={"data": text}))


async def shout_all(client, texts):
    """Shout all texts, a few at once."""
    answers, queue = [], iter(texts)

    async def work():
        for text in queue:
            answers.append(await shout(client, text))

    await asyncio.gather(*(work() for _ in range(CALLERS)))
    return answers


async def count_misses(client):
    """The texts that were asked for and not known, each once however many asked for it at the time."""
    lines = (await client.get("/metrics")).text.splitlines()
    [line] = [line for line in lines if line.startswith('shout_cache_lookups_total{result="miss"}')]
    return float(line.rpartition(" ")[2])


def new_texts(count):
    return [f"{secrets.token_hex(4)} straße ﬁ {number}" for number in range(count)]


def upper(text):
    return "".join(c if len(c.upper()) > 1 else c.upper() for c in text)


def check(answers):
    """Every answer is right, and says where it is from."""
    for text, response in answers:
        assert (response.status_code, response.json()) == (200, upper(text[::-1]))
    return Counter(answer.response.headers["shout-source"] for answer in answers)


def seconds_in(log):
    """How long each request took by the service's own clock, which a busy test does not slow down."""
    lines = map(json.loads, log.read_text().splitlines())
    return [line["duration_ms"] / 1000 for line in lines if line["event"] == "request"]


def p99(seconds):
    return sorted(seconds)[int(len(seconds) * 0.99)]


@pytest.mark.parametrize(
    ("kind", "latency"), [("status", 1), ("wrong_input", 1), ("status", 30), ("reset", 30)], ids=str
)
async def test_a_third_of_failures_and_a_fifth_of_slow_replies_do_not_show(serve, emulator, kind, latency):
    emulator.set_fault(kind=kind, percentage=30, latency=latency, slow_percentage=20)
    texts = new_texts(DISTINCT)
    async with serve(emulator.url) as (client, log):
        answers = await shout_all(client, [*texts, *texts[:50]])
        misses = await count_misses(client)

    sources = check(answers)
    assert set(sources) <= {"upstream", "cache", "fallback"}
    assert sources["upstream"] > 0
    assert p99(seconds_in(log)) < DEADLINE
    assert DISTINCT <= misses < DISTINCT + 50
    assert emulator.calls <= 1.2 * misses


@pytest.mark.parametrize("fate", ["dead", "hanging"])
async def test_lost_api_is_not_noticed_once_the_breaker_is_open(serve, emulator, fate):
    emulator.set_fault(latency=60)
    url = emulator.url if fate == "hanging" else f"http://127.0.0.1:{free_port()}"
    async with serve(url) as (client, log):
        check(await shout_all(client, new_texts(50)))
        answers = [await shout(client, text) for text in new_texts(500)]

    assert set(check(answers)) == {"fallback"}
    assert p99(seconds_in(log)[50:]) < 0.05
