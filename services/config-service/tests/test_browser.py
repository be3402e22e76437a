"""The page in a real browser, with the keyboard."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from chassis.testing import running_service
from chassis.testing.browser import find_axe, open_browser

pytestmark = pytest.mark.browser

AXE_CACHE = Path(__file__).parents[3] / ".cache/axe"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DC = "/pages/configs/datacenter-2"
PAGES = ["/", "/?where=%3D1", DC, f"{DC}/edit", "/pages/new", "/pages/session", "/pages/schemas"]
MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("page")
    env = {"DATABASE_URL": f"sqlite:///{folder}/config.db"}
    command = [sys.executable, "-m", "config_service.migrate"]
    subprocess.run(command, env=env, check=True, capture_output=True)  # noqa: S603
    with running_service("config_service", folder, env) as service:
        yield service.url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    yield page
    page.close()
    assert [text for text in complaints if "412" not in text] == []


@pytest.fixture(scope="session")
def axe() -> str:
    return find_axe(AXE_CACHE)


def test_document_is_found_changed_and_brought_back(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_label("Name begins with").fill("datacenter-1")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="datacenter-1").press("Enter")
    page.get_by_role("link", name="Edit").press("Enter")
    httpx.patch(
        f"{url}/v1/configs/datacenter-1", content='{"metadata": {"limits": null}}', headers=MERGE_PATCH
    )
    page.get_by_label("Metadata").fill('{"monitoring": {"enabled": false}}')
    page.get_by_label("Why?").fill("too loud")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Someone else has changed this document")

    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator("tbody tr").first).to_contain_text("too loud")
    page.get_by_role("link", name="with 3").press("Enter")
    expect(page.locator(".added")).to_contain_text('+    "enabled": false')

    page.go_back()
    page.get_by_role("button", name="Go back to revision 1").press("Enter")
    expect(page.locator("tbody tr").first).to_contain_text("restore")
    expect(page.get_by_label("Metadata")).to_contain_text("500m")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_keeps_people_from_using_it(
    browser: Browser, url: str, axe: str, scheme: Literal["light", "dark"], width: int
) -> None:
    httpx.put(f"{url}/v1/schemas/app", json={"minProperties": 1}).raise_for_status()
    httpx.put(f"{url}/v1/configs/datacenter-2", json={"schema": "datacenter", "metadata": {"limits": {}}})
    changed = httpx.get(f"{url}/v1/configs/datacenter-2").json()["revision"]
    view = {"width": width, "height": 800}
    page = browser.new_page(color_scheme=scheme, viewport=view, bypass_csp=True)  # type: ignore[arg-type]
    faults = []
    for path in [*PAGES, "/pages/schemas/app", f"{DC}/diff?from=2&to={changed}"]:
        page.goto(url + path)
        page.evaluate(axe)
        found = page.evaluate("rules => axe.run({runOnly: rules})", RULES)["violations"]
        faults += [(path, fault["id"], fault["nodes"][0]["html"]) for fault in found]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults.append((path, "wider than the screen", ""))
    page.close()

    assert faults == []
