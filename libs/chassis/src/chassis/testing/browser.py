"""A real browser for tests of pages; needs playwright, which the rest of `chassis.testing` does not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


class BrowserMissing(Exception):
    """There is no Chromium here."""


@contextmanager
def open_browser(*flags: str) -> Iterator[Browser]:
    """Run Chromium, the system's or the one that playwright installed, and end it.

    Args:
        flags: of its command line, beside those that keep it quiet.

    Raises:
        BrowserMissing: there is none.
    """
    with sync_playwright() as playwright:
        path = (
            shutil.which("chromium") or shutil.which("google-chrome") or playwright.chromium.executable_path
        )
        if not Path(path).exists():
            raise BrowserMissing("no browser: install chromium, or run `playwright install chromium`")
        with playwright.chromium.launch(executable_path=path, args=[*_FLAGS, *flags]) as browser:
            yield browser
