"""The page in a real browser, with the keyboard."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from chassis.testing import running_service

MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("page")
    env = {"DATABASE_URL": f"sqlite:///{folder}/config.db"}
    command = [sys.executable, "-m", "config_service.migrate"]
    subprocess.run(command, env=env, check=True, capture_output=True)  # noqa: S603
    with running_service("config_service", folder, env) as service:
        yield service.url


@pytest.fixture
def page(url: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or playwright.chromium.executable_path
        if not Path(path).exists():
            pytest.skip("no browser: install chromium, or run `playwright install chromium`")
        with playwright.chromium.launch(executable_path=path, args=["--no-sandbox"]) as browser:
            page = browser.new_page()
            complaints: list[str] = []
            page.on("console", lambda message: complaints.append(message.text))
            yield page
            assert [text for text in complaints if "412" not in text] == []


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


def test_page_fits_a_phone(page: Page, url: str) -> None:
    page.set_viewport_size({"width": 360, "height": 700})
    for path in ("/", "/pages/configs/datacenter-2", "/pages/configs/datacenter-2/edit"):
        page.goto(url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
