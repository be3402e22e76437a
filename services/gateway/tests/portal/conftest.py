"""A real browser on the portal, served by a small server that also plays the services behind it."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from chassis.testing.browser import find_axe, open_browser

HERE = Path(__file__).resolve().parent
PORTAL = HERE.parents[1] / "portal"
AXE_CACHE = HERE.parents[3] / ".cache" / "axe"
REPORTED = re.compile(
    "^Failed to load resource: .* status of (4|5)"
)  # the browser's own line on such an answer
expect.set_options(timeout=10_000)


@dataclass(frozen=True)
class Answer:
    """What a played service answers on a path."""

    body: bytes = b""
    type: str = "application/json"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Stage:
    """The served portal and the services it shows; a test changes what they answer."""

    url: str = ""
    trace_id: str = "4bf92f3577b34da6a3ce929d0e0e4736"
    request_id: str = "0199a1b2-7c3d-7e4f-8a5b-6c7d8e9fa0b1"
    services: dict = field(default_factory=lambda: json.loads((HERE / "services.json").read_text()))
    readiness: dict[str, int] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    released: threading.Event = field(default_factory=threading.Event)
    requests: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)

    def play(self, path: str, body: str | bytes = b"", **details: object) -> None:
        """Make a service answer with this on a path."""
        self.answers[path] = Answer(body.encode() if isinstance(body, str) else body, **details)

    @property
    def calls(self) -> list[tuple[str, str, dict[str, str], str]]:
        """What was asked of the services but for their probes and documents."""
        return [
            call
            for call in self.requests
            if call[1].count("/") > 1 and not call[1].endswith(("readyz", ".json"))
        ]

    def answer(self, path: str) -> Answer | None:
        """The answer of a service, of the list of services, or None for a file of the portal."""
        _, name, *rest = path.split("/")
        if path == "/services.json":
            return Answer(json.dumps(self.services).encode())
        if not rest:
            return None
        if rest == ["readyz"]:
            return Answer(b"ready", "text/plain", self.readiness.get(name, 200))
        if rest == ["openapi.json"]:
            return Answer(json.dumps({"info": {"version": self.versions.get(name, "1.2.3")}}).encode())
        return self.answers.get(path, Answer(b'{"played": true}'))


class Handler(SimpleHTTPRequestHandler):
    """Serves the portal's files under the gateway's policy, and what the stage says for all else."""

    protocol_version = "HTTP/1.1"

    def __init__(self, stage: Stage, *args: object) -> None:
        self.stage = stage
        super().__init__(*args, directory=str(PORTAL))

    def handle(self) -> None:
        with suppress(ConnectionError):  # a page that is closed or gives up hangs up
            super().handle()

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests look at the recorded requests."""

    def end_headers(self) -> None:
        self.send_header(
            "Content-Security-Policy", "default-src 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def play(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.stage.requests.append((self.command, self.path, dict(self.headers), body))
        path = self.path.partition("?")[0]
        if path in self.stage.held:
            self.stage.released.wait(20)
        answer = self.stage.answer(path)
        if answer is None:
            return super().do_GET()
        return self.reply(answer)

    def reply(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("X-Trace-ID", self.stage.trace_id)
        self.send_header("X-Request-ID", self.stage.request_id)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = play  # noqa: N815 - the names that http.server calls


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, stage)) as server:
        stage.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield stage
        stage.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def open_portal(browser: Browser, stage: Stage) -> Iterator[Callable[..., Page]]:
    """Open the portal; at the end no page may have complained or asked another origin for anything."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def watch(page: Page, origin: str) -> None:
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: None if REPORTED.search(line.text) else faults.append(line.text))
        page.on(
            "request", lambda request: None if request.url.startswith(origin) else faults.append(request.url)
        )

    def open_page(
        prepare: Callable[[Page], None] = lambda _: None, origin: str = stage.url, **options: object
    ) -> Page:
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        watch(page, f"{origin}/")
        prepare(page)
        page.goto(origin)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture(scope="session")
def axe() -> str:
    return find_axe(AXE_CACHE)
