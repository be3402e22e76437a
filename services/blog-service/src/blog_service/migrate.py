"""Bring the database up to date: run once before the service, and again at any time."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files

import sqlalchemy
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, Engine, event, text

from blog_service.adoption import adopt_rows
from blog_service.settings import MigrationSettings
from chassis import Chassis, StoreUnavailable, get_logger, load_settings

_LOCK_SECONDS = 60

log = get_logger(__name__)


def migrate(url: URL) -> None:
    """Run the migrations that are missing; of several runs at once, the others wait.

    Raises:
        StoreUnavailable: another run held the lock for too long.
    """
    engine = _engine(url)
    try:
        with _lock(engine), engine.begin() as connection, as_file(files("blog_service")) as package:
            config = Config()
            config.set_main_option("script_location", str(package / "migrations").replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            adopted = adopt_rows(connection)
        log.info("database_migrated", adopted=adopted)
    finally:
        engine.dispose()


@contextmanager
def _lock(engine: Engine) -> Iterator[None]:
    """MySQL needs a lock of its own, as it ends a transaction at each change of a table.

    Its connection is not the migration's, whose last rows are committed before the next run may read them.
    """
    if engine.dialect.name == "sqlite":
        yield
        return
    with engine.connect() as connection:
        locked = connection.execute(text("SELECT GET_LOCK('blog-migrate', :wait)"), {"wait": _LOCK_SECONDS})
        if locked.scalar() != 1:
            raise StoreUnavailable("Another migration is running.")
        try:
            yield
        finally:
            connection.execute(text("SELECT RELEASE_LOCK('blog-migrate')"))


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        init = {"charset": "utf8mb4", "init_command": "SET time_zone='+00:00'"}
        return sqlalchemy.create_engine(url, connect_args=init)
    engine = sqlalchemy.create_engine(url, connect_args={"timeout": _LOCK_SECONDS, "isolation_level": None})

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN EXCLUSIVE")

    return engine


def main() -> None:
    """Migrate the database that the environment names."""
    settings = load_settings(MigrationSettings)
    chassis = Chassis(settings, name="blog-service")
    try:
        migrate(settings.database)
    finally:
        chassis.close()


if __name__ == "__main__":
    main()
