"""A migrated store of its own for each test, on SQLite and, where one is named, on MySQL."""

import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
import sqlalchemy

from chassis.fastapi import App
from chassis.sql import create_engine
from chassis.testing import run_app
from chassis.testing.databases import mysql_database
from config_service.app import create_app
from config_service.migrate import main as run_migration
from config_service.migrate import migrate
from config_service.settings import Settings
from config_service.store import Store

MYSQL_URL = os.environ.get("CONFIG_TEST_MYSQL_URL")  # noqa: TID251 only tests read this
DATABASES = ["sqlite", "mysql"] if MYSQL_URL else ["sqlite"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/config.db"
        return
    with mysql_database(MYSQL_URL) as url:
        yield url.render_as_string(hide_password=False)


@pytest.fixture
def settings(empty_database_url: str) -> Settings:
    return Settings(serve_port=0, database_url=empty_database_url, log_level="critical")


@pytest.fixture
def unmigrated_app(settings: Settings) -> App:
    return create_app(settings)


@pytest.fixture
def engine(unmigrated_app: App, settings: Settings) -> Iterator[sqlalchemy.Engine]:
    """An engine of the test's own, on the database that the application uses."""
    engine = create_engine(unmigrated_app.chassis, settings.database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite store that is migrated once, to be copied."""
    file = tmp_path_factory.mktemp("template") / "config.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", f"sqlite:///{file}")
        patch.setenv("LOG_LEVEL", "critical")
        run_migration()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # all of it into the file itself
    return file


@pytest.fixture
def app(unmigrated_app: App, engine: sqlalchemy.Engine, migrated_file: Path) -> App:
    if engine.dialect.name == "sqlite":
        shutil.copyfile(migrated_file, str(engine.url.database))
    else:
        migrate(engine)
    return unmigrated_app


@pytest.fixture
def store(app: App, engine: sqlalchemy.Engine) -> Store:
    return Store(engine)


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx.AsyncClient]:
    async with run_app(app) as client:
        yield client
