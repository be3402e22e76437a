"""A real browser on a running blog."""

import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from chassis.testing import running_service
from chassis.testing.browser import find_axe, open_browser

PASSWORD = "correct horse battery"
AXE_CACHE = Path(__file__).resolve().parents[4] / ".cache" / "axe"
expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def blog(tmp_path_factory):
    """The address of a blog, served by a process of its own."""
    folder = tmp_path_factory.mktemp("blog")
    env = {
        "DATABASE_URL": f"sqlite:///{folder / 'blog.sqlite'}",
        "FLASK_APP_SECRET_KEY": secrets.token_urlsafe(),
        "BLOG_COMMENTS": "on",
    }
    subprocess.run([sys.executable, "-m", "blog_service.migrate"], env=env, check=True, capture_output=True)
    with running_service("blog_service", folder, env) as service:
        yield service.url


@pytest.fixture(scope="module")
def browser():
    with open_browser() as browser:
        yield browser


@pytest.fixture
def open_page(browser, blog):
    """Open pages; none may break the content policy or ask another host for anything."""
    contexts, faults = [], []

    def watch(page):
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if "Content Security" in line.text else None)
        page.on(
            "request",
            lambda request: None if request.url.startswith((blog, "data:")) else faults.append(request.url),
        )

    def make(**options):
        contexts.append(browser.new_context(base_url=blog, **options))
        page = contexts[-1].new_page()
        page.set_default_timeout(20_000)
        watch(page)
        return page

    yield make
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def enter():
    """Register and log in as somebody new."""

    def make(page):
        name = f"Grace {secrets.token_hex(4)}"
        for path, button in (("/auth/register", "Register"), ("/auth/login", "Log in")):
            page.goto(path)
            page.get_by_label("Username").fill(name)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name=button).click()
        expect(page.get_by_role("link", name=name)).to_be_visible()
        return name

    return make


@pytest.fixture(scope="session")
def picture_file(tmp_path_factory):
    """A photograph of nothing."""
    path = tmp_path_factory.mktemp("pictures") / "dusk.jpg"
    Image.radial_gradient("L").resize((640, 480)).convert("RGB").save(path)
    return path


@pytest.fixture(scope="session")
def axe():
    return find_axe(AXE_CACHE)
