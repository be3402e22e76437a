import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
import redis
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from chassis import RateLimit
from chassis.fastapi import App
from chassis.redis import create_client
from chassis.testing import Valkey, run_app, valkey_server
from ip_service.app import create_app
from ip_service.settings import Settings
from ip_service.store import Store

# How long an example takes says more about the machine than about the code.
FILL = """
for number = ARGV[1], ARGV[2] do
  local address = string.format('2001:db8:%x:%x:ffff:ffff:ffff:ffff', number / 65536, number % 65536)
  redis.call('ZADD', KEYS[1], number, address)
  redis.call('HSET', KEYS[2], address, number .. ' 1')
end
"""

COUNTRIES = {
    "203.0.113.0/24": {"country": {"iso_code": "NZ", "names": {"en": "New Zealand"}}},
    "2001:db8::/32": {"country": {"iso_code": "NO"}},
    "198.51.100.0/24": {"country": "not what MaxMind writes"},
}
NETWORKS = {
    "203.0.113.0/25": {"autonomous_system_number": 64500, "autonomous_system_organization": "Examplenet"},
    "198.51.100.0/24": {"autonomous_system_number": "64501"},
}


class Caller:
    """Calls the service as a client of some address, through a trusted proxy."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def get(
        self, path: str, address: str = "203.0.113.7", *, method: str = "GET", **headers: str
    ) -> httpx.Response:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.request(method, path, headers={"X-Forwarded-For": address, **names})

    async def addresses(self, path: str = "/get-ip-list", address: str = "203.0.113.7") -> list[str]:
        return (await self.get(path, address)).text.split()


class Texts(HTMLParser):
    """The texts of a page's elements of one name."""

    def __init__(self, name: str, page: str) -> None:
        super().__init__()
        self.name, self.found, self._inside = name, [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self._inside = tag == self.name
        if self._inside:
            self.found.append("")

    def handle_endtag(self, tag):
        self._inside = False

    def handle_data(self, data):
        if self._inside:
            self.found[-1] += data


@pytest.fixture(scope="session")
def texts_of() -> Callable[[str, str], list[str]]:
    return lambda name, page: Texts(name, page).found


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def shared_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    with valkey_server(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A server that the test may stop and pause."""
    with valkey_server(tmp_path) as server:
        yield server


@pytest.fixture
def valkey(shared_valkey: Valkey) -> Iterator[redis.Redis]:
    """An empty store, to look into."""
    with redis.Redis.from_url(shared_valkey.url, decode_responses=True) as client:
        client.flushall()
        yield client


@pytest.fixture
def settings(shared_valkey: Valkey) -> Settings:
    return Settings(
        serve_port=0, log_level="critical", redis_url=shared_valkey.url, rate_limit=None, admin_token="let me"
    )


@pytest.fixture
def app(settings: Settings) -> App:
    return create_app(settings)


@pytest.fixture
async def client(app: App, valkey: redis.Redis, anyio_backend: str) -> AsyncIterator[Caller]:
    async with run_app(app) as http:
        yield Caller(http)


@pytest.fixture
async def limited(settings: Settings, valkey: redis.Redis, anyio_backend: str) -> AsyncIterator[Caller]:
    """A client of a service that allows three requests an hour."""
    app = create_app(settings.model_copy(update={"rate_limit": RateLimit(3, 3600)}))
    async with run_app(app) as http:
        yield Caller(http)


@pytest.fixture
async def store(
    app: App, settings: Settings, valkey: redis.Redis, anyio_backend: str
) -> AsyncIterator[Store]:
    """The store of another replica."""
    async with create_client(app.chassis, settings.redis_url) as client:
        yield Store(client, app.chassis, None)


@pytest.fixture
def fill(store: Store) -> Callable[[int], Awaitable[list[str]]]:
    """Records so many callers; returns them, the last one first."""

    async def record(count: int) -> list[str]:
        callers = [f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}" for number in range(count)]
        for start in range(0, count, 250):
            await asyncio.gather(*(store.record(caller) for caller in callers[start : start + 250]))
        return callers[::-1]

    return record


@pytest.fixture(scope="session")
def stock() -> Callable[[Valkey, int], None]:
    """Puts so many addresses into a store, as the service does but faster."""

    def fill(server: Valkey, count: int) -> None:
        with redis.Redis.from_url(server.url) as admin:
            record = admin.register_script(FILL)
            for start in range(1, count, 10_000):
                record(keys=["{ip}:seen", "{ip}:addresses"], args=[start, min(start + 9_999, count)])

    return fill


def write_database(path: Path, networks: dict[str, dict], **options) -> Path:
    writer = MMDBWriter(database_type="Test", **options)
    for network, record in networks.items():
        writer.insert_network(IPSet([network]), record)
    writer.to_db_file(str(path))
    return path


@pytest.fixture
def databases(tmp_path: Path) -> tuple[Path, Path]:
    countries = write_database(tmp_path / "country.mmdb", COUNTRIES, ip_version=6, ipv4_compatible=True)
    return countries, write_database(tmp_path / "asn.mmdb", NETWORKS, ip_version=4)
