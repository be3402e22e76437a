from collections.abc import AsyncIterator

import httpx
import pytest

from athlete_service.app import create_app
from athlete_service.settings import Settings
from chassis.fastapi import App
from chassis.testing import run_app


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def settings() -> Settings:
    return Settings(serve_port=0, log_level="error")


@pytest.fixture
def app(settings: Settings) -> App:
    return create_app(settings)


@pytest.fixture
async def client(app: App, anyio_backend: str) -> AsyncIterator[httpx.AsyncClient]:
    async with run_app(app) as http:
        yield http
