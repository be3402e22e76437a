"""A real browser for tests of pages; needs playwright and pytest, unlike the rest of `chassis.testing`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def open_browser(*flags: str) -> Iterator[Browser]:
    """Run Chromium, the system's or the one that playwright installed, and end it; without one, skip.

    Args:
        flags: of its command line, beside those that keep it quiet.
    """
    with sync_playwright() as playwright:
        path = (
            shutil.which("chromium") or shutil.which("google-chrome") or playwright.chromium.executable_path
        )
        if not Path(path).exists():
            pytest.skip("no browser: install chromium, or run `playwright install chromium`")
        with playwright.chromium.launch(executable_path=path, args=[*_FLAGS, *flags]) as browser:
            yield browser
