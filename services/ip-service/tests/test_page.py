import datetime as dt
import re

import pytest
import redis
from playwright.async_api import Page, async_playwright, expect

from chassis.testing import Service, Valkey, run_app, running_service
from chassis.testing.browser import FLAGS, find_browser
from ip_service.app import create_app
from ip_service.page import NEWEST, ago

pytestmark = pytest.mark.anyio

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"


async def open_page(client, address: str = "203.0.113.7", **headers: str) -> str:
    answer = await client.get("/get-ip", address, accept=BROWSER, **headers)
    assert answer.status_code == 200
    return answer.text


async def test_page_tells_the_own_address_its_first_call_and_their_number(client, texts_of):
    await client.get("/get-ip")
    page = await open_page(client)
    assert texts_of("h1", page) == [""]
    assert texts_of("code", page) == ["203.0.113.7"]
    assert texts_of("dt", page) == ["First call", "Calls"]
    assert texts_of("dd", page)[1] == "2"
    assert "Your IPv4 address" in page


async def test_last_callers_are_a_table_with_relative_times(client, texts_of, valkey: redis.Redis):
    for address in ("203.0.113.1", "2001:db8::1"):
        await client.get("/get-ip", address)
    earlier = valkey.zscore("{ip}:seen", "203.0.113.1") - 3 * 3600 * 1_000_000
    valkey.zadd("{ip}:seen", {"203.0.113.1": earlier})
    page = await open_page(client)
    assert [text for text in texts_of("td", page) if "." in text or ":" in text] == [
        "203.0.113.7",
        "2001:db8::1",
        "203.0.113.1",
    ]
    assert texts_of("time", page)[1:] == [
        "just now",
        "just now",
        "just now",
        "just now",
        "3 hours ago",
        "just now",
    ]
    assert page.count('<tr class="own">') == 1


async def test_table_has_the_newest_only(client, fill, texts_of):
    await fill(30)
    page = await open_page(client)
    assert len(texts_of("tr", page)) == NEWEST + 1
    assert '<span id="total">31</span>' in page


async def test_links_carry_the_public_prefix(client):
    page = await open_page(client, x_forwarded_prefix="/ip")
    assert re.findall(r'href="(/[^"]*)"', page) == ["/ip/get-ip-list", "/ip/v1/ips/me", "/ip/docs"]
    assert 'data-events="/ip/v1/ips/events"' in page


async def test_refused_browser_gets_a_429_and_is_not_recorded(limited, valkey: redis.Redis):
    for _ in range(3):
        await open_page(limited)
    answer = await limited.get("/get-ip", accept=BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert valkey.hget("{ip}:addresses", "203.0.113.7").split()[1] == "3"


async def test_origin_is_shown(client, settings, databases, valkey: redis.Redis, texts_of):
    app = create_app(settings.model_copy(update={"geo_database": databases}))
    async with run_app(app) as http:
        headers = {"X-Forwarded-For": "203.0.113.7", "Accept": "text/html"}
        page = (await http.get("/get-ip", headers=headers)).text
    assert texts_of("dd", page)[2:] == ["NZ", "AS64500 Examplenet"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (59.9, "just now"),
        (60, "1 minute ago"),
        (3599, "59 minutes ago"),
        (3600, "1 hour ago"),
        (86399, "23 hours ago"),
        (90000, "1 day ago"),
        (1e7, "115 days ago"),
    ],
)
def test_distance_in_words(seconds: float, words: str):
    assert ago(dt.timedelta(seconds=seconds)) == words


@pytest.fixture(scope="module")
def service(shared_valkey: Valkey, tmp_path_factory: pytest.TempPathFactory):
    env = {"REDIS_URL": shared_valkey.url, "RATE_LIMIT": "off", "LOG_LEVEL": "error"}
    with running_service("ip_service", tmp_path_factory.mktemp("service"), env) as running:
        yield running


@pytest.fixture
async def browser_page(anyio_backend: str):
    """A page of a real browser, and what its console complains of."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(playwright), args=FLAGS)
        page = await browser.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        await browser.close()
        assert complaints == []


@pytest.mark.browser
async def test_new_address_appears_by_itself(
    service: Service, store, valkey: redis.Redis, browser_page: Page
):
    await browser_page.goto(f"{service.url}/get-ip")
    await expect(browser_page.locator("#live")).to_have_text("live")
    await store.record("2001:db8::1")
    first = browser_page.locator("#callers tr").first
    await expect(first.locator("td")).to_have_text(["2001:db8::1", "just now", "just now", "1"])
    await expect(browser_page.locator("#total")).to_have_text("2")
    await store.record("2001:db8::1")
    await expect(browser_page.locator("#callers tr")).to_have_count(2)
