import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import sqlalchemy
from alembic.config import Config
from alembic.script import ScriptDirectory

from chassis.fastapi import App
from chassis.testing import free_port, run_app
from config_service.migrate import MIGRATIONS, migrate
from config_service.tables import MIGRATION, metadata, revisions, schema_revisions, schemas

pytestmark = pytest.mark.anyio


def run_migration(url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "config_service.migrate"]
    return subprocess.run(command, env={"DATABASE_URL": url}, capture_output=True, text=True, check=False)  # noqa: S603


def test_migrations_at_the_same_time_make_one_store(
    empty_database_url: str, engine: sqlalchemy.Engine
) -> None:
    with ThreadPoolExecutor() as pool:
        for run in pool.map(run_migration, [empty_database_url] * 3):
            assert run.returncode == 0, run.stdout
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM configs").scalar() == 2
        assert connection.exec_driver_sql("SELECT value FROM revision_counter").scalar() == 2


async def test_deleted_datacenter_does_not_come_back(
    client: httpx.AsyncClient, engine: sqlalchemy.Engine
) -> None:
    await client.delete("/configs/datacenter-1")

    migrate(engine)

    assert (await client.get("/configs/datacenter-1")).json() == []


def test_migration_that_was_cut_off_is_finished_by_the_next(engine: sqlalchemy.Engine) -> None:
    migrate(engine)
    with engine.begin() as connection:
        for table in ("alembic_version", "config_terms", "revisions"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
        for table in ("configs", "revision_counter"):
            connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 constant names

    migrate(engine)

    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM revisions").scalar() == 2


def test_tables_are_those_of_the_last_migration(app: App, engine: sqlalchemy.Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == MIGRATION

    inspector = sqlalchemy.inspect(engine)
    assert set(inspector.get_table_names()) == {*metadata.tables, "alembic_version"}
    for name, table in metadata.tables.items():
        columns = {column["name"]: column["nullable"] for column in inspector.get_columns(name)}
        assert columns == {column.name: column.nullable for column in table.columns}


async def test_service_without_tables_says_so(unmigrated_app: App) -> None:
    async with run_app(unmigrated_app) as client:
        ready = await client.get("/readyz?verbose")
        reading, writing = await client.get("/configs"), await client.delete("/configs/datacenter-1")

    assert ready.status_code == 503
    assert ready.json()["checks"]["database"]["error"] == "NotMigrated"
    for response in (reading, writing):
        assert response.status_code == 503
        assert response.headers["retry-after"] == "1"
        assert response.json()["detail"] == "The store is not set up yet."


async def test_service_is_ready_once_migrated(unmigrated_app: App, engine: sqlalchemy.Engine) -> None:
    async with run_app(unmigrated_app) as client:
        assert (await client.get("/readyz")).status_code == 503
        migrate(engine)
        assert (await client.get("/readyz")).status_code == 200
        assert len((await client.get("/configs")).json()) == 2


async def test_tables_can_change_beside_a_service_that_has_read_them(
    app: App, engine: sqlalchemy.Engine
) -> None:
    async with run_app(app) as client:
        for path in ("/configs", "/configs/datacenter-1", "/v1/configs"):
            assert (await client.get(path)).status_code == 200
        with engine.begin() as connection:
            if engine.dialect.name == "mysql":
                connection.exec_driver_sql("SET SESSION lock_wait_timeout = 2")
            connection.exec_driver_sql("ALTER TABLE configs ADD COLUMN later INTEGER")
        assert (await client.get("/configs")).status_code == 200


async def test_older_tables_are_not_enough_and_newer_ones_are(app: App, engine: sqlalchemy.Engine) -> None:
    async with run_app(app) as client:
        for version, status in [("0000", 503), ("9999", 200)]:
            with engine.begin() as connection:
                connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")  # noqa: S608
            assert (await client.get("/readyz")).status_code == status


@pytest.mark.parametrize("url", ["sqlite:////nowhere/config.db", "mysql+pymysql://127.0.0.1:{port}/config"])
def test_database_out_of_reach_ends_the_migration(url: str) -> None:
    run = run_migration(url.format(port=free_port()))

    assert run.returncode == 1
    assert "migration_failed" in run.stdout
    assert "Traceback" not in run.stdout + run.stderr


def test_wrong_url_ends_the_migration_with_one_line(tmp_path: Path) -> None:
    run = run_migration("postgresql://localhost/config")

    assert run.returncode == 1
    assert run.stderr.splitlines() == [
        "DATABASE_URL: must be sqlite:///FILE or mysql+pymysql://USER@HOST/DATABASE"
    ]


def test_history_of_an_older_store_gets_its_dates(app: App, engine: sqlalchemy.Engine) -> None:
    entries = [(1, "update"), (2, "delete"), (3, "restore"), (4, "update")]
    with engine.begin() as connection:
        schemas.drop(connection)
        schema_revisions.drop(connection)
        connection.exec_driver_sql("ALTER TABLE revisions DROP COLUMN created_at")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        for second, action in entries:
            connection.exec_driver_sql(
                "INSERT INTO revisions (revision, k, name, action, author, at) VALUES "  # noqa: S608 constants
                f"({second + 10}, 0, 'datacenter-1', '{action}', 'me', '2030-01-01 00:00:0{second}.000000')"
            )

    migrate(engine)

    with engine.connect() as connection:
        query = sqlalchemy.select(revisions).where(revisions.c.name == "datacenter-1").order_by("revision")
        seed, update, delete, restore, last = connection.execute(query).all()
    assert update.created_at == seed.created_at == seed.at
    assert delete.created_at is None
    assert restore.created_at == last.created_at == restore.at


def test_schemas_of_an_older_store_get_a_history(app: App, engine: sqlalchemy.Engine) -> None:
    moment = "2030-01-01 00:00:00.000000"
    with engine.begin() as connection:
        schema_revisions.drop(connection)
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0002'")
        for name, later in [("a", moment), ("b", moment.replace("2030", "2031"))]:
            connection.exec_driver_sql(
                "INSERT INTO `schemas` (name, `schema`, revision, created_at, modified_at) VALUES "  # noqa: S608
                f"('{name}', 'true', 3, '{moment}', '{later}')"
            )

    migrate(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0002'")
    migrate(engine)  # as after a kill between the table and the number

    with engine.connect() as connection:
        entries = connection.execute(sqlalchemy.select(schema_revisions).order_by("name")).all()
    assert [(entry.name, entry.action, entry.revision, entry.schema) for entry in entries] == [
        ("a", "create", 3, "true"),
        ("b", "update", 3, "true"),
    ]
