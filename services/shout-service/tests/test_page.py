"""The page, as programs and forms see it, and in a browser."""

import re
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from chassis.testing import running_service
from chassis.testing.browser import find_axe, open_browser

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
AXE_CACHE = Path(__file__).parents[3] / ".cache/axe"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NO_ORIGIN = "http://127.0.0.1:1/V1/SHOUT"


async def send(client, **fields):
    return await client.post("/", data=fields, headers=BROWSER)


def output(page):
    return re.findall(r"<output[^>]*>(.*?)</output>", page, re.DOTALL)


@pytest.mark.anyio
async def test_browser_gets_a_page_without_an_answer(client):
    response = await client.get("/", headers=BROWSER)

    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert output(response.text) == [""]
    assert '<section id="answer" aria-live="polite" hidden>' in response.text


@pytest.mark.anyio
@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "text/plain"])
async def test_program_learns_where_the_description_is(start, accept):
    async with start(root_path="/shout") as client:
        client.headers.pop("accept")
        response = await client.get("/", headers={"Accept": accept} if accept else {})

    assert response.json() == {
        "name": "shout-service",
        "openapi": "/shout/openapi.json",
        "docs": "/shout/docs",
    }
    assert response.headers["vary"] == "Accept"


@pytest.mark.anyio
async def test_form_is_answered_as_a_page_that_keeps_it(client):
    response = await send(client, text="straße", unit="codepoint")

    assert output(response.text) == ["EßARTS"]
    assert response.headers["shout-source"] == "upstream"
    assert '<span id="source" class="upstream">upstream</span>' in response.text
    assert 'value="codepoint" checked' in response.text
    assert ">\nstraße</textarea>" in response.text


@pytest.mark.anyio
async def test_page_tells_cache_and_fallback_apart(client, emulator):
    assert (await send(client, text="abc")).headers["shout-source"] == "upstream"
    assert "they were kept" in (await send(client, text="abc")).text
    emulator.set_fault(kind="garbage")
    assert "were made here" in (await send(client, text="def")).text


@pytest.mark.anyio
async def test_text_is_no_markup(client):
    page = (await send(client, text='<script>alert(1)</script>"></textarea>')).text

    assert "<script>alert" not in page
    assert output(page) == ["&gt;AERATXET/&lt;&gt;&#34;&gt;TPIRCS/&lt;)1(TRELA&gt;TPIRCS&lt;"]


@pytest.mark.anyio
async def test_units_and_line_ends_are_those_of_the_form(client):
    assert output((await send(client, text="e\u0301a", unit="grapheme")).text) == ["AE\u0301"]
    assert output((await send(client, text="e\u0301a", unit="codepoint")).text) == ["A\u0301E"]
    assert output((await send(client, text="a\r\nb")).text) == ["B\nA"]


@pytest.mark.anyio
async def test_example_that_is_pressed_counts_instead_of_the_text(client):
    body = b"text=mine&unit=grapheme&text=example"
    response = await client.post(
        "/", content=body, headers={**BROWSER, "Content-Type": "application/x-www-form-urlencoded"}
    )

    assert output(response.text) == ["ELPMAXE"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"unit=grapheme", 422),
        (b"text=a&unit=word", 422),
        (b"text=%ff", 400),
        (b"text=\xff", 400),
        (b"&".join([b"text=a"] * 11), 400),
        (b"text=" + b"a" * 65_537, 413),
        (b"text=" + b"%00" * 65_537, 413),
        (b"text=" + b"%00" * 70_000, 413),
        (b"", 400),
    ],
)
async def test_wrong_form_is_a_problem(client, body, status):
    headers = {**BROWSER, "Content-Type": "application/x-www-form-urlencoded"}
    response = await client.post("/", content=body, headers=headers)

    assert (response.status_code, response.headers["content-type"]) == (status, "text/html; charset=utf-8")


@pytest.mark.anyio
async def test_other_bodies_are_415(client):
    assert (await client.post("/", json={"text": "a"})).status_code == 415


@pytest.mark.anyio
async def test_page_admits_its_own_style_and_script_only(client):
    policy = (await client.get("/", headers=BROWSER)).headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.anyio
async def test_links_carry_the_public_prefix(start):
    async with start(root_path="/shout") as client:
        page = (await client.get("/", headers=BROWSER)).text

    assert re.findall(r'href="(/[^"]*)"', page) == ["/shout/docs", "/shout/openapi.json"]
    assert 'action="/shout/" data-api="/shout/v1"' in page


@contextmanager
def serve(folder, url):
    with running_service("shout_service", folder, {"SHOUTCLOUD_URL": url, "LOG_LEVEL": "error"}) as service:
        yield service.url


@pytest.fixture
def url(emulator, tmp_path):
    with serve(tmp_path, f"{emulator.url}/V1/SHOUT") as url:
        yield url


@pytest.fixture(scope="module")
def browser():
    with open_browser() as browser:
        yield browser


@pytest.fixture
def new_page(browser):
    """Opens a page; what its console complains of fails the test."""
    complaints, contexts = [], []

    def make(**options) -> Page:
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert [text for text in complaints if "server responded" not in text] == []


@pytest.fixture(scope="module")
def axe():
    return find_axe(AXE_CACHE)


@pytest.mark.browser
@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
def test_page_shouts(url, new_page, has_script):
    page = new_page(java_script_enabled=has_script)
    page.goto(f"{url}/")
    page.get_by_label("Your text").fill("hello, world!")
    page.get_by_role("button", name="Shout", exact=True).click()
    expect(page.locator("output")).to_have_text("!DLROW ,OLLEH")
    expect(page.locator("#source")).to_have_text("upstream")
    page.get_by_role("button", name="straße").click()
    expect(page.locator("output")).to_have_text("ᾼ ,Nﬁ ,EßARTS")
    expect(page.get_by_label("Your text")).to_have_value("straße, ﬁn, ᾳ")


@pytest.mark.browser
def test_script_stays_on_the_page(url, new_page):
    page = new_page()
    page.goto(f"{url}/")
    page.evaluate("window.same = true")
    page.get_by_label("code points").check()
    page.get_by_label("Your text").fill("e\u0301a")
    page.get_by_role("button", name="Shout", exact=True).click()
    expect(page.locator("output")).to_have_text("A\u0301E")
    assert page.evaluate("window.same")


@pytest.mark.browser
def test_what_is_wrong_is_said_on_the_page(url, new_page):
    page = new_page()
    page.goto(f"{url}/")
    page.route("**/v1?*", lambda route: route.fulfill(status=413, json={"detail": "Too long."}))
    page.get_by_role("button", name="Shout", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("Too long.")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1100])
def test_nothing_keeps_people_from_using_it(tmp_path, new_page, axe, scheme, width):
    with serve(tmp_path, NO_ORIGIN) as url:
        page = new_page(color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)
        page.goto(f"{url}/")
        page.get_by_role("button", name="hello").click()
        expect(page.locator("#source")).to_have_text("fallback")
        page.evaluate(axe)
        found = page.evaluate("rules => axe.run({runOnly: rules})", RULES)

    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
