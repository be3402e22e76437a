"""The whole pipeline over HTTP, with the emulator in all its moods."""

import asyncio
import time

import pytest
from pydantic import HttpUrl

from chassis.testing import SpanRecorder, run_app
from shout_service.app import create_app

pytestmark = pytest.mark.anyio
BAD_ANSWERS = [
    "redirect",
    "garbage",
    "wrong_type",
    "wrong_input",
    "wrong_output",
    "missing_output",
    "oversize",
]


async def post(client, text):
    return await client.post("/v1", json={"data": text})


async def answers(client, text):
    return (await post(client, text)).status_code == 200


async def has_joined(client, callers):
    return await read_metric(client, 'shout_cache_lookups_total{result="joined"}') == callers


async def wait_until(holds):
    async with asyncio.timeout(5):
        while not await holds():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.02)


async def read_metric(client, name):
    lines = (await client.get("/metrics")).text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


async def test_hundred_equal_requests_at_once_make_one_call(client, emulator):
    emulator.set_fault(latency=0.2)
    responses = await asyncio.gather(*(post(client, "abc") for _ in range(100)))
    assert {(r.status_code, r.json(), r.headers["shout-source"]) for r in responses} == {
        (200, "CBA", "upstream")
    }
    assert emulator.calls == 1


@pytest.mark.parametrize(
    "fault", [{"kind": "status", "status": 503}, {"kind": "reset"}], ids=["503", "reset"]
)
async def test_two_failures_in_a_row_are_retried_away(client, emulator, fault):
    emulator.set_fault(**fault, times=2)
    response = await post(client, "abc")
    assert (response.json(), response.headers["shout-source"]) == ("CBA", "upstream")
    assert emulator.calls == 3
    assert await read_metric(client, "shout_retries_total") == 2


async def test_third_failure_in_a_row_is_answered_locally(client, emulator):
    emulator.set_fault(kind="status", status=502, times=3)
    response = await post(client, "straße")
    assert (response.json(), response.headers["shout-source"]) == ("EßARTS", "fallback")
    assert emulator.calls == 3
    assert await read_metric(client, 'shout_fallbacks_total{reason="unavailable"}') == 1


async def test_retry_after_of_429_is_honoured(client, emulator):
    emulator.set_fault(kind="status", status=429, retry_after="1", times=1)
    started = time.monotonic()
    assert (await post(client, "abc")).headers["shout-source"] == "upstream"
    assert 1 <= time.monotonic() - started < 2


async def test_retry_after_past_the_deadline_is_not_waited_for(client, emulator):
    emulator.set_fault(kind="status", status=429, retry_after="60")
    started = time.monotonic()
    assert (await post(client, "abc")).headers["shout-source"] == "fallback"
    assert time.monotonic() - started < 1
    assert emulator.calls == 1


@pytest.mark.parametrize("kind", BAD_ANSWERS)
async def test_bad_answers_are_not_passed_on(client, emulator, kind):
    emulator.set_fault(kind=kind)
    response = await post(client, "abc")
    assert (response.json(), response.headers["shout-source"]) == ("CBA", "fallback")
    assert emulator.calls == 1


@pytest.mark.parametrize("kind", BAD_ANSWERS)
async def test_without_fallback_bad_answers_are_502(start, emulator, kind):
    emulator.set_fault(kind=kind)
    async with start(shout_fallback=False) as client:
        response = await post(client, "abc")
    assert (response.status_code, response.headers["content-type"]) == (502, "application/problem+json")
    assert "127.0.0.1" not in response.text


async def test_slow_upstream_is_answered_locally_at_the_deadline(start, emulator):
    emulator.set_fault(latency=30)
    async with start(shout_deadline=0.5) as client:
        started = time.monotonic()
        response = await post(client, "abc")
        assert 0.4 < time.monotonic() - started < 1.5
    assert (response.json(), response.headers["shout-source"]) == ("CBA", "fallback")


async def test_without_fallback_the_deadline_is_504(start, emulator):
    emulator.set_fault(latency=30)
    async with start(shout_deadline=0.3, shout_fallback=False) as client:
        assert (await post(client, "abc")).status_code == 504


async def test_without_fallback_a_full_bulkhead_is_503(start, emulator):
    emulator.set_fault(latency=1)
    async with start(shout_concurrency=1, shout_queue_seconds=0.1, shout_fallback=False) as client:
        responses = await asyncio.gather(post(client, "a"), post(client, "b"))
    assert sorted(response.status_code for response in responses) == [200, 503]
    assert max(responses, key=lambda r: r.status_code).headers["retry-after"] == "1"


async def test_dead_upstream_opens_the_breaker_and_never_shows(start):
    async with start(shoutcloud_url=HttpUrl("http://127.0.0.1:1/")) as client:
        for number in range(20):
            response = await post(client, f"{number:02}")
            assert (response.status_code, response.json()) == (200, f"{number:02}"[::-1])
        assert await read_metric(client, "shout_breaker_state") == 2
        assert await read_metric(client, "shout_breaker_openings_total") == 1
        assert await read_metric(client, 'shout_fallbacks_total{reason="breaker_open"}') == 10
        assert (await client.get("/readyz")).status_code == 200


async def test_breaker_opens_then_probes_then_closes(start, emulator):
    emulator.set_fault(kind="garbage")
    async with start(shout_breaker_seconds=0.2, shout_fallback=False) as client:
        statuses = [(await post(client, str(n))).status_code for n in range(11)]
        assert statuses == [502] * 10 + [503]
        assert emulator.calls == 10
        emulator.clear()
        assert (await post(client, "a")).headers["retry-after"] == "1"
        await wait_until(lambda: answers(client, "b"))
        assert [(await post(client, text)).status_code for text in "cd"] == [200, 200]
        assert await read_metric(client, "shout_breaker_state") == 0


async def test_crawling_upstream_opens_the_breaker(start, emulator):
    emulator.set_fault(latency=0.1)
    async with start(shout_slow_call=0.05) as client:
        await asyncio.gather(*(post(client, str(n)) for n in range(10)))
        assert (await post(client, "x")).headers["shout-source"] == "fallback"
        assert await read_metric(client, 'shout_fallbacks_total{reason="breaker_open"}') == 1


async def test_client_that_leaves_does_not_fail_those_who_joined(client, emulator):
    emulator.set_fault(latency=0.5)
    tasks = [asyncio.create_task(post(client, "abc")) for _ in range(6)]
    first, *others = tasks
    await wait_until(lambda: has_joined(client, 5))
    first.cancel()
    assert {response.headers["shout-source"] for response in await asyncio.gather(*others)} == {"upstream"}
    assert emulator.calls == 1


async def test_spans_tell_the_story(settings, emulator):
    emulator.set_fault(kind="status", status=503, times=2)
    app = create_app(settings)
    recorder = SpanRecorder(app.chassis)
    async with run_app(app) as client:
        await post(client, "abc")
        await post(client, "abc")
    first, second = [span for span in recorder.spans if span.name == "POST /v1"]
    assert first.attributes["shout.source"] == "upstream"
    assert first.attributes["shout.retries"] == 2
    assert first.attributes["shout.breaker"] == "closed"
    assert [event.name for event in first.events] == ["shout.retry"] * 2
    assert second.attributes["shout.source"] == "cache"
    calls = [span for span in recorder.spans if span.name == "POST shoutcloud"]
    assert {span.parent.span_id for span in calls} == {first.context.span_id}
    assert len(calls) == 3


async def test_fallback_shows_in_the_span(settings, emulator):
    emulator.set_fault(kind="garbage")
    app = create_app(settings)
    recorder = SpanRecorder(app.chassis)
    async with run_app(app) as client:
        await post(client, "abc")
    span = recorder.named("POST /v1")
    assert span.attributes["shout.source"] == "fallback"
    assert span.attributes["shout.unanswered"] == "bad_answer"
