"""The portal for everyone: keyboard, theme, phone, assistive technology, no network beyond its origin."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
MOVING = """[...document.querySelectorAll("*")]
  .filter((each) => parseFloat(getComputedStyle(each).transitionDuration)).length"""
SHIFTS = """new Promise((done) => new PerformanceObserver((list) => done(
  list.getEntries().reduce((sum, entry) => sum + (entry.hadRecentInput ? 0 : entry.value), 0)
)).observe({ type: "layout-shift", buffered: true }) ?? setTimeout(() => done(0), 300))"""


def settled(page: Page) -> Page:
    expect(page.locator("#tally")).to_have_text(re.compile("of 5 ready"))
    expect(page.locator("#athlete [data-part=version]")).to_have_text("1.2.3")
    return page


def answered(page: Page, service: str = "ip") -> Page:
    page.locator(f"#{service}").get_by_role("button", name="Send").click()
    expect(page.locator(f"#{service} .status")).to_be_visible()
    return page


def background(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(stage, open_portal, axe, viewport, scheme):
    stage.readiness |= {"config": 503, "blog": 502}
    page = open_portal(viewport=viewport, color_scheme=scheme)
    settled(page)
    for service in ("ip", "shout"):
        answered(page, service)
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    assert [
        (each["id"], [node["html"] for node in each["nodes"]])
        for each in found
        if each["impact"] in ("serious", "critical")
    ] == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_is_wider_than_the_screen(stage, open_portal, width):
    stage.play("/ip/get-ip", "x" * 3000, type="text/plain")
    page = answered(settled(open_portal(viewport={"width": width, "height": 800})))
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_keyboard_reaches_and_uses_everything(open_portal):
    page = settled(open_portal())
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the services")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.locator("#config").get_by_role("radio", name="List", exact=True).focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#config .target")).to_have_text("GET /config/configs/datacenter-1")
    page.keyboard.press("Tab")
    expect(page.locator("#config").get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#config").get_by_role("button", name="Send")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#config .status")).to_have_text("200 OK")
    expect(page.locator("#config").get_by_role("button", name="Send")).to_be_focused()


def test_focus_is_visible(open_portal):
    page = settled(open_portal())
    for _ in range(4):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_control_and_enter_send_a_text(stage, open_portal):
    page = settled(open_portal())
    page.locator("#shout textarea").press("Control+Enter")
    expect(page.locator("#shout .status")).to_have_text("200 OK")


def test_answers_are_announced(open_portal):
    page = answered(settled(open_portal()))
    expect(page.locator("#ip").get_by_role("status")).to_contain_text("200 OK")
    expect(page.get_by_role("region", name="Answer of IP registry")).to_be_visible()
    expect(page.get_by_role("banner").get_by_role("status")).to_have_text("5 of 5 ready")


def test_page_has_its_landmarks(open_portal):
    page = settled(open_portal())
    for role in ("banner", "main", "contentinfo"):
        expect(page.get_by_role(role)).to_have_count(1)
    expect(page.get_by_role("navigation", name="Services")).to_have_count(1)
    expect(page.get_by_role("region", name="IP registry", exact=True)).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)


def test_theme_follows_the_system(open_portal):
    page = open_portal(color_scheme="dark")
    dark = background(page)
    expect(page.get_by_role("button", name="Dark theme")).to_have_attribute("aria-pressed", "true")
    page.emulate_media(color_scheme="light")
    expect(page.get_by_role("button", name="Dark theme")).to_have_attribute("aria-pressed", "false")
    assert background(page) != dark


def test_chosen_theme_is_remembered(open_portal):
    page = open_portal(color_scheme="light")
    light = background(page)
    page.get_by_role("button", name="Dark theme").click()
    dark = background(page)
    assert dark != light
    page.reload()
    assert background(page) == dark
    expect(page.get_by_role("button", name="Dark theme")).to_have_attribute("aria-pressed", "true")


def test_theme_works_without_storage(open_portal):
    blocked = (
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('blocked'); } })"
    )
    page = open_portal(lambda page: page.add_init_script(blocked), color_scheme="light")
    page.get_by_role("button", name="Dark theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_less_motion_is_respected(open_portal):
    page = settled(open_portal(reduced_motion="reduce"))
    assert page.evaluate(MOVING) == 0
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(MOVING) > 0


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_page_does_not_jump_while_it_loads(stage, open_portal, viewport):
    stage.held.add("/services.json")
    page = open_portal(viewport=viewport)
    page.evaluate("new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)))")
    stage.released.set()
    settled(page)
    assert page.evaluate(SHIFTS) < 0.02


def test_page_is_light(stage, open_portal):
    sizes = []

    def weigh(page):
        page.on(
            "response",
            lambda response: sizes.append(len(response.body())) if "/readyz" not in response.url else None,
        )

    settled(open_portal(weigh))
    assert sum(sizes) < 48_000
