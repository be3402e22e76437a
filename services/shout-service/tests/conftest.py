import asyncio
import selectors
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager

import httpx
import pytest
from pydantic import HttpUrl

from chassis.fastapi import App
from chassis.testing import http_client, run_app, running_service
from shout_service.app import create_app
from shout_service.settings import Settings


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop in which waiting takes no time: its clock jumps to the next timer."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_JumpingSelector(self))

    def time(self) -> float:
        return self._now

    def jump(self, seconds: float) -> None:
        self._now += seconds


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if ready := super().select(0):
            return ready
        assert timeout is not None, "nothing is left to wait for: the test would hang"
        self._loop.jump(max(0.0, timeout))
        return []


class FakeClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def virtual_time() -> tuple[str, dict[str, object]]:
    """The backend for tests of pure logic: `anyio_backend` of such a module returns it."""
    return "asyncio", {"loop_factory": VirtualTimeLoop}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


class Emulator:
    """The external API as a process of its own.

    Arguments:
        http: a client of it.
    """

    def __init__(self, http: httpx.Client) -> None:
        self.http = http
        self.url = str(http.base_url).rstrip("/")

    def set_fault(self, **fault: object) -> None:
        self.http.put("/admin/faults", json=fault).raise_for_status()

    def clear(self) -> None:
        self.http.delete("/admin/faults").raise_for_status()

    @property
    def calls(self) -> int:
        """Calls seen since the fault was set."""
        return int(self.http.get("/admin/faults").raise_for_status().json()["calls"])


@pytest.fixture(scope="session")
def emulator_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("emulator")
    with (
        running_service("shoutcloud_emulator", folder) as service,
        http_client(service.url) as http,
    ):
        yield Emulator(http)


@pytest.fixture
def emulator(emulator_process: Emulator) -> Emulator:
    """The external API, without faults."""
    emulator_process.clear()
    return emulator_process


@pytest.fixture
def settings(emulator: Emulator) -> Settings:
    return Settings(serve_port=0, shoutcloud_url=HttpUrl(f"{emulator.url}/V1/SHOUT"), log_level="critical")


@pytest.fixture
def app(settings: Settings) -> App:
    return create_app(settings)


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx.AsyncClient]:
    async with run_app(app) as client:
        yield client


@pytest.fixture
def start(settings: Settings) -> Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]:
    """Starts the app with other settings: `async with start(shout_fallback=False) as client`."""
    return lambda **changes: run_app(create_app(settings.model_copy(update=changes)))
