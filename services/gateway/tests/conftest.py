"""The real nginx in front of small real upstreams."""

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

import gateway
from chassis.testing import http_client

HERE = Path(__file__).parent
FRONT_PROXY = "127.0.0.9"
SERVICES = tuple(service.name for service in gateway.load_table().services)


@dataclass
class Reply:
    """An answer as it came over the wire."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> list[str]:
        """Every value of a header, one a line."""
        return [value for key, value in self.headers if key.lower() == name]


@dataclass
class Door:
    """A running gateway."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self, source: str = "127.0.0.1") -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=15, source_address=(source, 0))

    def send(self, request: bytes) -> Reply:
        """Send bytes as they are and read one answer."""
        with self.connect() as connection:
            connection.sendall(request)
            return self.read(connection)

    @staticmethod
    def read(connection: socket.socket) -> Reply:
        response = http.client.HTTPResponse(connection)
        response.begin()
        return Reply(response.status, response.getheaders(), response.read())

    def get(self, target: str, *, host: str = "localhost", headers: Sequence[str] = ()) -> Reply:
        """GET a target that no client library tidies up."""
        lines = [f"GET {target} HTTP/1.1", f"Host: {host}", "Connection: close", *headers, "", ""]
        return self.send("\r\n".join(lines).encode("latin-1"))

    def log_line(self, key: str, value: str) -> dict:
        """The access line in which a field has this value, as soon as it is written."""
        return poll(lambda: next((line for line in self.log() if line[key] == value), None))

    def log(self) -> list[dict]:
        lines = (self.folder / "stdout").read_bytes().split(b"\n")[:-1]
        return [json.loads(line) for line in lines]


def poll(attempt: Callable, *, seconds: float = 10):
    """Repeat until the attempt gives something, and return that."""
    deadline = time.monotonic() + seconds
    while not (result := attempt()):
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.01)
    return result


def listen(address: str = "127.0.0.1", port: int = 0, *, sharing: bool = False) -> socket.socket:
    return socket.create_server((address, port), reuse_port=sharing)


_reserved: list[socket.socket] = []


def free_port() -> int:
    """A port that nobody else gets: it is bound, and nginx may still listen there."""
    reserved = socket.socket()
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind(("127.0.0.1", 0))
    _reserved.append(reserved)
    return reserved.getsockname()[1]


@contextmanager
def run_echo(name: str, sockets: Sequence[socket.socket]) -> Iterator[subprocess.Popen[bytes]]:
    """An upstream on sockets that listen already, so that nobody waits for its start."""
    descriptors = [server.fileno() for server in sockets]
    command = [sys.executable, str(HERE / "echo.py"), name, *map(str, descriptors)]
    process = subprocess.Popen(command, pass_fds=descriptors)  # noqa: S603 - our own program
    for server in sockets:
        server.close()
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def run_gateway(folder: Path, site: gateway.Site, **files: Path) -> Iterator[Door]:
    config = gateway.render(folder, site, **files)
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        process = subprocess.Popen(gateway.command(config), stdout=out, stderr=err)  # noqa: S603 - our own program
    door = Door(site.port, folder, process)
    try:
        poll(lambda: process.poll() is not None or _is_ready(door))
        assert process.poll() is None, (folder / "stderr").read_text()
        yield door
    finally:
        process.terminate()
        process.wait()


def _is_ready(door: Door) -> bool:
    try:
        return door.get("/readyz").status == 200
    except OSError:
        return False


@pytest.fixture
def wait_for() -> Callable:
    return poll


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def free_address() -> str:
    """Where nobody listens."""
    return f"127.0.0.1:{free_port()}"


@pytest.fixture(scope="session")
def upstreams() -> Iterator[dict[str, list[str]]]:
    """One process that plays every service, each on a port of its own."""
    sockets = [listen() for _ in SERVICES]
    addresses = [f"127.0.0.1:{server.getsockname()[1]}" for server in sockets]
    with run_echo("echo", sockets):
        yield {name: [address] for name, address in zip(SERVICES, addresses, strict=True)}


@pytest.fixture(scope="session")
def site(upstreams) -> gateway.Site:
    embedded = gateway.Site.embedded(port=free_port(), upstreams=upstreams)
    return replace(embedded, front_proxies=[f"{FRONT_PROXY}/32"])


@pytest.fixture(scope="session")
def door(site, tmp_path_factory) -> Iterator[Door]:
    with run_gateway(tmp_path_factory.mktemp("gateway"), site) as door:
        yield door


@pytest.fixture
def client(door) -> Iterator[httpx.Client]:
    with http_client(door.url, timeout=15) as client:
        yield client


@pytest.fixture
def front_proxy(door) -> Iterator[httpx.Client]:
    """A client that comes from the address of the configured proxy."""
    transport = httpx.HTTPTransport(local_address=FRONT_PROXY)
    with httpx.Client(base_url=door.url, transport=transport, timeout=15) as client:
        yield client


@pytest.fixture
def start_gateway(tmp_path) -> Iterator[Callable[[gateway.Site], Door]]:
    """Start further gateways that end with the test."""
    with ExitStack() as stack:
        yield lambda site: stack.enter_context(run_gateway(tmp_path / str(site.port), site))


@pytest.fixture
def start_echo() -> Iterator[Callable]:
    """Start further upstreams that end with the test: `start_echo(name, address, port)`."""
    with ExitStack() as stack:

        def start(
            name: str, address: str = "127.0.0.1", port: int = 0, *, sharing: bool = False
        ) -> tuple[str, subprocess.Popen[bytes]]:
            server = listen(address, port, sharing=sharing)
            at = f"{address}:{server.getsockname()[1]}"
            return at, stack.enter_context(run_echo(name, [server]))

        yield start
