"""What the end-to-end tests share: bytes over a wire, people on the blog, a browser."""

import http.client
import json
import re
import secrets
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from chassis.testing.browser import open_browser

SERVICES = ("ip", "config", "shout", "blog", "athlete")
PASSWORD = "correct horse battery"
expect.set_options(timeout=10_000)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Keep long bytes out of the names of tests."""
    return f"{val[:24]!r}" if isinstance(val, bytes) else None


@dataclass
class Reply:
    """An answer as it came over the wire; status 0: hung up without one."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]

    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """Connections that no client library tidies up, each from a machine of its own where the stack can tell.

    Attributes:
        url: where they lead.
        host: whom they ask for, unless told otherwise.
    """

    def __init__(self, url: str, new_disguise: Callable, host: str | None = None) -> None:
        self.url, self._new_disguise = urlsplit(url), new_disguise
        self.host = (host or "localhost").encode()

    def connect(self, timeout: float = 15) -> socket.socket:
        secure = self.url.scheme == "https"
        address = (self.url.hostname or "", self.url.port or (443 if secure else 80))
        source = self._new_disguise().source
        connection = socket.create_connection(address, timeout, (source, 0) if source else None)
        if not secure:
            return connection
        return ssl._create_unverified_context().wrap_socket(connection)  # noqa: S323 - `make certs`

    def send(self, *pieces: bytes) -> Reply:
        """Send bytes as they are and read the answer; wait where a limit is shared with others."""
        reply = self.stream(pieces)
        while reply.status == 429 and reply.header("ratelimit"):
            time.sleep(int(reply.header("retry-after")[0]))
            reply = self.stream(pieces)
        return reply

    def stream(self, pieces: Iterable[bytes]) -> Reply:
        """Send until all is sent or an answer is there, and read it."""
        with self.connect() as connection:
            with suppress(BrokenPipeError, ConnectionResetError):
                for piece in pieces:
                    if select.select([connection], [], [], 0)[0]:
                        break
                    connection.sendall(piece)
            return read_reply(connection)

    def get(self, target: bytes, *headers: bytes, host: bytes = b"") -> Reply:
        return self.request(b"GET", target, *headers, host=host)

    def request(
        self, method: bytes, target: bytes, *headers: bytes, host: bytes = b"", body: bytes = b""
    ) -> Reply:
        first = method + b" " + target + b" HTTP/1.1"
        lines = [first, b"Host: " + (host or self.host), b"Connection: close", *headers]
        return self.send(b"\r\n".join(lines) + b"\r\n\r\n" + body)


def read_reply(connection: socket.socket) -> Reply:
    response = http.client.HTTPResponse(connection)
    try:
        response.begin()
        return Reply(response.status, response.getheaders(), response.read())
    except (http.client.BadStatusLine, ConnectionResetError):
        return Reply(0, [], b"")


@pytest.fixture(scope="session")
def wire(stack, new_disguise) -> Wire:
    return Wire(stack.url, new_disguise, stack.domain)


@dataclass(frozen=True)
class Door:
    """One way to a service: through the gateway, or past it to the service itself.

    Attributes:
        has_limits: whether the gateway stands there, which takes less than a service does.
    """

    wire: Wire
    service: str
    prefix: bytes = b""
    has_limits: bool = False

    def get(self, path: bytes, *headers: bytes) -> Reply:
        return self.request(b"GET", path, *headers)

    def request(self, method: bytes, path: bytes, *headers: bytes, body: bytes = b"") -> Reply:
        return self.wire.request(method, self.prefix + path, *headers, body=body)


@pytest.fixture(scope="session")
def new_door(stack, wire, new_disguise) -> Callable[[str, str], Door]:
    def make(way: str, name: str) -> Door:
        if way == "gateway":
            return Door(wire, name, f"/{name}".encode(), has_limits=not stack.domain)
        if stack.folder is None:
            pytest.skip("only on an embedded stack")
        return Door(Wire(stack.direct(name), new_disguise), name)

    return make


@pytest.fixture(
    scope="session", params=[f"{way}-{name}" for way in ("gateway", "direct") for name in SERVICES]
)
def door(request, new_door) -> Door:
    """Each service, through the gateway and past it."""
    return new_door(*request.param.split("-"))


class Person:
    """Somebody who uses the blog's forms, keeps cookies, and has a name of their own."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.name = f"Ada {secrets.token_hex(6)}"

    def post(self, path: str, **fields: str) -> httpx.Response:
        return self.client.post(path, data={"csrf_token": self.token(), **fields})

    def register(self) -> httpx.Response:
        return self.post("/auth/register", username=self.name, password=PASSWORD)

    def log_in(self, password: str = PASSWORD) -> httpx.Response:
        return self.post("/auth/login", username=self.name, password=password)

    def write(self, title: str, body: str = "", **fields: str) -> str:
        """Publish a post, and tell its number."""
        assert self.post("/create", title=title, body=body, **fields).status_code == 302
        page = self.client.get(f"/authors/{self.name}").text
        return re.findall(r'href="[^"]*?/(\d+)/update"', page)[0]

    def token(self) -> str:
        """What the blog's forms carry."""
        page = self.client.get("/auth/login").text
        return re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]


@pytest.fixture(scope="session")
def new_person(new_client) -> Callable[..., Person]:
    """Register somebody and log them in."""

    def make(suffix: str = "") -> Person:
        person = Person(new_client("blog", suffix))
        assert person.register().status_code == 302
        assert person.log_in().status_code == 302
        return person

    return make


@pytest.fixture(scope="session")
def browser(stack) -> Iterator[Browser]:
    """Chromium, to which every name of the stack is the stack's machine."""
    names = (stack.domain, f"*.{stack.domain}") if stack.domain else ("*.localhost",)
    rules = ", ".join(f"MAP {name} {urlsplit(stack.url).hostname}" for name in names)
    with open_browser(f"--host-resolver-rules={rules}") as browser:
        yield browser


@pytest.fixture(scope="module")
def new_page(browser) -> Iterator[Callable[[], Page]]:
    """Open a window of somebody else's; scripts that fail, and scripts that a page lets in, fail the test."""
    faults: list[str] = []
    contexts = []

    def make() -> Page:
        contexts.append(browser.new_context(ignore_https_errors=True))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: faults.append(f"a script ran: {dialog.message}"))
        return page

    yield make
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture(scope="session")
def until() -> Callable[..., Any]:
    """Ask again for what takes a moment, with a deadline."""

    def ask(condition: Callable[[], Any], seconds: float = 20) -> Any:
        deadline = time.monotonic() + seconds
        while not (result := condition()):
            assert time.monotonic() < deadline, "it never came to be"
            time.sleep(0.02)
        return result

    return ask
