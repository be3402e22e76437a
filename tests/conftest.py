"""The stack that the tests use, and clients that it takes for different machines."""

import fcntl
import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

import gateway
from embedded import testing
from embedded.settings import base_host, base_url, stack_environment
from embedded.state import Entry

# Files that wait or take long go first, so that no worker is left alone with one at the end.
FIRST = [
    *("e2e/test_config_watch", "e2e/test_slow_clients", "docs/test_commands", "e2e/test_failures"),
    *("e2e/test_blog_in_browser", "e2e/test_hostile_headers", "e2e/test_hostile_bodies"),
    "e2e/test_hostile_paths",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of those files in front, in this order."""
    places = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(f"{item.path.parent.name}/{item.path.stem}", len(places)))


@dataclass(frozen=True)
class Stack:
    """A running stack.

    Attributes:
        url: of its gateway, without a slash at the end.
        folder: the data folder of an embedded one.
        domain: the name that an ingress controller knows it by; None: its gateway, which takes any.
    """

    url: str
    folder: Path | None = None
    domain: str | None = None

    def host(self, label: str, suffix: str = "localhost") -> str:
        """The Host header that names a service."""
        port = urlsplit(self.url).port
        name = f"{label}.{self.domain or suffix}"
        return f"{name}:{port}" if port else name

    @property
    def public_url(self) -> str:
        """The address of the portal, as a browser shows it."""
        parts = urlsplit(self.url)
        return parts._replace(netloc=self.domain).geturl() if self.domain else self.url

    @property
    def headers(self) -> dict[str, str]:
        """What every request needs."""
        return {"Host": self.domain} if self.domain else {}

    def entry(self, name: str) -> Entry:
        """One program of an embedded stack."""
        assert self.folder, "only an embedded stack can be looked into"
        return testing.state_of(self.folder).entries[name]

    def direct(self, name: str) -> str:
        """The address of an embedded service behind the gateway."""
        return f"http://127.0.0.1:{self.entry(name).port}"


@dataclass(frozen=True)
class Disguise:
    """How a client is taken for another machine.

    Attributes:
        address: where the stack sees it; None when the stack cannot tell it from others.
        source: the local address that it calls from.
        headers: what it says about itself.
    """

    address: str | None = None
    source: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


NewDisguise = Callable[[], Disguise]


class Patient(httpx.HTTPTransport):
    """Waits as long as it is told to, for a limit that it shares with every other client."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        while "ratelimit" in response.headers and response.status_code == 429:
            response.close()
            time.sleep(int(response.headers["retry-after"]))
            response = super().handle_request(request)
        return response


class Client(httpx.Client):
    """Somebody who calls the stack.

    Attributes:
        address: where the stack sees it; None when the stack cannot tell it from others.
    """

    def __init__(self, url: str, disguise: Disguise, headers: Mapping[str, str] | None = None) -> None:
        self.address = disguise.address
        transport = httpx.HTTPTransport if self.address else Patient
        super().__init__(
            base_url=url,
            headers={**disguise.headers, **(headers or {})},
            transport=transport(verify=False, local_address=disguise.source),
            timeout=15,
        )


def call_from_loopback() -> Disguise:
    address = f"127.{'.'.join(str(1 + secrets.randbelow(254)) for _ in range(3))}"
    return Disguise(address, source=address)


def call_through_proxy() -> Disguise:
    address = f"2001:db8:{1 + secrets.randbelow(65535):x}:{1 + secrets.randbelow(65535):x}::1"
    return Disguise(address, headers={"X-Forwarded-For": address})


def is_believed(stack: Stack, disguise: Disguise) -> bool:
    """Tell whether the stack sees a client where it pretends to be."""
    with Client(stack.url, disguise, stack.headers) as client, suppress(httpx.ConnectError):
        return client.get("/ip/v1/ips/me").json()["ip"] == disguise.address
    return False


@contextmanager
def run_jointly(folder: Path) -> Iterator[Stack]:
    """Run an embedded stack for as long as any worker of pytest-xdist uses it."""
    environment = stack_environment(folder / "stack")
    with (folder / "stack.users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            testing.make("up", environment)
            yield Stack(f"http://localhost:{testing.state_of(folder / 'stack').port}", folder / "stack")
        finally:
            with suppress(BlockingIOError):  # others use it still
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                testing.make("down", environment)


def faults_of(folder: Path) -> list[str]:
    """Find what no client may bring about: an error in a service's log, or a line that is no JSON."""
    names = [route.name for route in gateway.load_table().services]
    lines = [line for name in names for line in (folder / f"logs/{name}.log").read_bytes().splitlines()]
    return [line.decode() for line in lines if line[:1] != b"{" or json.loads(line)["level"] == "error"]


@pytest.fixture(scope="session")
def stack(tmp_path_factory, worker_id) -> Iterator[Stack]:
    """The one stack of this run: where BASE_URL says, or an embedded one."""
    if url := base_url():
        yield Stack(url.rstrip("/"), domain=base_host())
        return
    folder = tmp_path_factory.getbasetemp()
    with run_jointly(folder if worker_id == "master" else folder.parent) as running:
        yield running
        assert faults_of(running.folder) == []


@pytest.fixture(scope="session")
def embedded(stack) -> Stack:
    """The stack, if it can be looked into."""
    if stack.folder is None:
        pytest.skip("only on an embedded stack")
    return stack


@pytest.fixture(scope="session")
def gateway_stack(stack) -> Stack:
    """The stack, if requests meet its own gateway first: its errors, its limits, its headers."""
    if stack.domain:
        pytest.skip("only where no ingress controller stands before the gateway")
    return stack


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory) -> Iterator[Stack]:
    """An embedded stack that nobody else uses."""
    if base_url():
        pytest.skip("only on an embedded stack")
    folder = tmp_path_factory.mktemp("own")
    with testing.stack(folder) as url:
        yield Stack(url, folder)


@pytest.fixture(scope="session")
def unlimited_stack(tmp_path_factory) -> Iterator[Stack]:
    """An embedded stack that nobody else uses, without a rate limit."""
    if base_url():
        pytest.skip("only on an embedded stack")
    folder = tmp_path_factory.mktemp("unlimited")
    with testing.stack(folder, {"RATE_LIMIT": "off"}) as url:
        yield Stack(url, folder)
        assert faults_of(folder) == []


def find_disguise(stack: Stack) -> NewDisguise:
    """Find the way in which a stack can tell clients on one machine apart."""
    ways = (call_from_loopback, call_through_proxy)
    return next((way for way in ways if is_believed(stack, way())), Disguise)


@contextmanager
def clients_of(stack: Stack, new_disguise: NewDisguise) -> Iterator[Callable[..., Client]]:
    """Make clients, each with an address of its own, and close them in the end."""
    with ExitStack() as clients:

        def make(service: str = "", suffix: str = "") -> Client:
            """Reach a service, if one is named, below its path, or by its host name with a suffix."""
            headers = {"Host": stack.host(service, suffix)} if suffix else stack.headers
            url = stack.url if suffix or not service else f"{stack.url}/{service}"
            return clients.enter_context(Client(url, new_disguise(), headers))

        yield make


@pytest.fixture(scope="session")
def new_disguise(stack) -> NewDisguise:
    return find_disguise(stack)


@pytest.fixture(scope="session")
def told_apart(new_disguise) -> None:
    """Clients that the stack sees at addresses of their own."""
    if new_disguise().address is None:
        pytest.skip("this stack cannot tell the clients of one machine apart")


@pytest.fixture(scope="session")
def new_client(stack, new_disguise) -> Iterator[Callable[..., Client]]:
    with clients_of(stack, new_disguise) as make:
        yield make


@pytest.fixture
def client(new_client) -> Client:
    return new_client()
