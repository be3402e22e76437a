import asyncio
import threading
import time

import httpx
import pytest

from chassis._health import CheckResult, Closing, DrainFlag, Health
from chassis.asgi._probes import check_within

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


class PasswordError(Exception):
    """Its message must not show."""


def test_livez_is_ok(service):
    response = service.get("/livez")
    assert (response.status_code, response.text) == (200, "ok")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


def test_readyz_says_ready_in_a_word_and_in_detail(service):
    assert service.get("/readyz").text == "ready"
    assert service.get("/readyz?verbose").json() == {"status": "ready", "checks": {}}
    assert service.get("/readyz?quiet").text == "ready"


def test_probes_answer_under_the_prefix_too(service):
    assert service.get("/sample/livez").text == "ok"


def test_hanging_check_fails_within_its_budget(start):
    with start(HANGING_CHECK="true") as service:
        for _ in range(2):
            started = time.monotonic()
            response = service.get("/readyz?verbose")
            assert 0.9 < time.monotonic() - started < 2.5
            check = response.json()["checks"]["hanging"]
            assert (response.status_code, response.json()["status"]) == (503, "not_ready")
            assert (check["status"], check["error"]) == ("fail", "TimeoutError")
            assert 900 < check["latency_ms"] < 2500
        assert service.get("/livez").status_code == 200
        assert [line for line in service.lines() if line["event"] == "not_ready"]


def test_many_hanging_probes_do_not_hold_the_service(start):
    with start(HANGING_CHECK="true") as service:

        def probe():
            statuses.append(httpx.get(f"{service.url}/readyz", timeout=10, trust_env=False).status_code)

        statuses = []
        threads = [threading.Thread(target=probe) for _ in range(3)]
        for thread in threads:
            thread.start()
        assert service.get("/livez").status_code == 200
        for thread in threads:
            thread.join()
        assert statuses == [503] * 3


async def failing():
    raise ConnectionError("redis://:hunter2@host")


def failing_plainly():
    raise PasswordError("hunter2")


def failing_for_a_reason():
    try:
        raise PasswordError("hunter2")
    except PasswordError as exc:
        raise RuntimeError("store") from exc


@pytest.mark.parametrize(
    ("check", "error"),
    [
        (failing, "ConnectionError"),
        (failing_plainly, "PasswordError"),
        (failing_for_a_reason, "PasswordError"),
        (lambda: failing(), "ConnectionError"),
    ],
)
async def test_check_is_reported_by_class_only(check, error):
    result = await check_within(check)
    assert (result.status, result.error) == ("fail", error)


async def well():
    """Do nothing."""


@pytest.mark.parametrize("check", [well, lambda: None, lambda: well()])
async def test_check_that_returns_is_well(check):
    assert (await check_within(check)).status == "ok"


@pytest.mark.parametrize(
    ("results", "draining", "status", "word"),
    [
        (("ok", "ok"), False, 200, "ready"),
        (("ok", "fail"), False, 503, "not_ready"),
        (("ok", "ok"), True, 503, "draining"),
        (("fail",), True, 503, "draining"),
        ((), False, 200, "ready"),
    ],
)
def test_report_sums_up(results, draining, status, word):
    health = Health()
    if draining:
        health.flag.set()
    checks = {str(number): CheckResult(result, 0.4) for number, result in enumerate(results)}
    code, report = health.report(checks)
    assert (code, report["status"]) == (status, word)
    assert report["checks"].get("0", {"latency_ms": 0.4})["latency_ms"] == 0.4


def test_drain_flag_is_seen_by_everyone_who_maps_it():
    path = DrainFlag.new_file()
    one, two = DrainFlag(path), DrainFlag(path)
    path.unlink()
    assert not two
    one.set()
    assert two


async def test_closing_wakes_those_who_wait_from_another_thread():
    closing = Closing()
    waiting = [asyncio.create_task(closing.wait()) for _ in range(3)]
    await asyncio.sleep(0)
    threading.Thread(target=closing.set).start()
    await asyncio.wait_for(asyncio.gather(*waiting), 1)
    assert closing.is_set()
    await asyncio.wait_for(closing.wait(), 1)
    assert not closing._waiting
