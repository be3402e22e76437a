"""A real browser for tests of pages; needs playwright and pytest, unlike the rest of `chassis.testing`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.async_api import Playwright as AsyncPlaywright
from playwright.sync_api import Browser, Playwright, sync_playwright

from chassis.testing._axe import AxeMissing, axe_source

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Chromium without a desktop takes a quarter of the CPU time of the whole one.
_PROGRAMS = ("chromium-headless-shell", "chromium", "google-chrome")


def find_browser(playwright: Playwright | AsyncPlaywright) -> str:
    """Path of the system's Chromium or of the one that playwright installed; without one, skip."""
    path = next(filter(None, map(shutil.which, _PROGRAMS)), playwright.chromium.executable_path)
    if not Path(path).exists():
        pytest.skip("no browser: install chromium, or run `playwright install chromium`")
    return path


def find_axe(cache: Path) -> str:
    """axe-core's script, to be evaluated in a page before `axe.run` is called there; without it, skip.

    Args:
        cache: folder where it is kept.
    """
    try:
        return axe_source(cache)
    except AxeMissing as exc:
        pytest.skip(str(exc))


@contextmanager
def open_browser(*flags: str) -> Iterator[Browser]:
    """Run Chromium, and end it; without one, skip.

    Args:
        flags: of its command line, beside those that keep it quiet.
    """
    with sync_playwright() as playwright:
        path = find_browser(playwright)
        with playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags]) as browser:
            yield browser
