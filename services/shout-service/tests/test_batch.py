import asyncio
import time

import pytest

pytestmark = pytest.mark.anyio


async def post(client, data, **params):
    return await client.post("/v1/batch", json={"data": data}, params=params)


async def test_texts_are_answered_in_order(client):
    response = await post(client, [f"text {number}" for number in range(100)])
    assert response.status_code == 200
    assert response.json() == {"results": [{"data": f"{str(n)[::-1]} TXET"} for n in range(100)]}


async def test_no_texts_give_no_results(client):
    assert (await post(client, [])).json() == {"results": []}


async def test_unit_holds_for_all(client):
    assert (await post(client, ["e\u0301"], unit="codepoint")).json() == {"results": [{"data": "\u0301E"}]}


async def test_bad_items_do_not_fail_the_others(client):
    response = await post(client, ["ab", 1, None, ["x"], "x" * 70_000, "cd"])
    assert response.status_code == 200
    results = response.json()["results"]
    assert [result.get("data") for result in results] == ["BA", None, None, None, None, "DC"]
    assert [result["error"]["status"] for result in results[1:5]] == [422, 422, 422, 413]
    problem = results[1]["error"]
    assert problem["instance"] == "/v1/batch#/data/1"
    assert problem["errors"][0]["pointer"] == "/data/1"
    assert problem["request_id"] == response.headers["x-request-id"]


async def test_failed_items_have_their_problem(start, emulator):
    emulator.set_fault(kind="garbage")
    async with start(shout_fallback=False) as client:
        results = (await post(client, ["ab", "cd"])).json()["results"]
    assert [result["error"]["status"] for result in results] == [502, 502]


async def test_equal_texts_are_one_call(client, emulator):
    assert (await post(client, ["same"] * 100)).json()["results"] == [{"data": "EMAS"}] * 100
    assert emulator.calls == 1


@pytest.mark.parametrize(
    ("fallback", "answer"), [(True, lambda item: item["data"]), (False, lambda item: item["error"]["status"])]
)
async def test_one_deadline_holds_for_all(start, emulator, fallback, answer):
    emulator.set_fault(latency=30)
    async with start(shout_deadline=0.3, shout_fallback=fallback, shout_queue_seconds=10) as client:
        started = time.monotonic()
        results = (await post(client, [f"{n:03}" for n in range(100)])).json()["results"]
        assert time.monotonic() - started < 1.5
    expected = [f"{n:03}"[::-1] if fallback else 504 for n in range(100)]
    assert [answer(item) for item in results] == expected


async def test_a_batch_does_not_keep_others_waiting(client, emulator):
    emulator.set_fault(latency=0.3)
    batch = asyncio.create_task(post(client, [f"text {number}" for number in range(24)]))
    await asyncio.sleep(0)
    await client.post("/v1", json={"data": "one"})
    assert not batch.done()
    assert (await batch).status_code == 200


@pytest.mark.parametrize("body", [{}, {"data": "x"}, {"data": {"0": "x"}}, ["x"], {"data": ["x"] * 101}])
async def test_anything_but_a_hundred_texts_is_422(client, body):
    response = await client.post("/v1/batch", json=body)
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/data"


async def test_plain_text_is_415(client):
    response = await client.post("/v1/batch", content=b"x", headers={"Content-Type": "text/plain"})
    assert response.status_code == 415


async def test_body_over_8_mebibytes_is_413(client):
    response = await post(client, ["x" * 60_000] * 150)
    assert response.status_code == 413


async def test_a_hundred_texts_of_64_kibibytes_fit(client):
    results = (await post(client, [f"{number:04}" + "x" * 65_532 for number in range(100)])).json()["results"]
    assert [result["data"][-4:] for result in results] == [f"{number:04}"[::-1] for number in range(100)]
